/**
 * The whole of Kairos but its feed, over the embedded bus and store: trader and predictor on one side, the API on its
 * port on the other, and a third party who publishes.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bus, BusRecord, Service, Store } from '@kairos/ports';
import { openDoors, systemClock, worldOf } from '@kairos/ports';
import { createSeededRandom } from '@kairos/ports/testing';
import type { DeadLetter, Topic } from '@kairos/schema';
import { decodeDeadLetter, readConfig, TOPICS } from '@kairos/schema';
import type { Client } from 'graphql-ws';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { createPredictor } from '../../engine/src/predict/index.js';
import { createTrader } from '../../engine/src/run/index.js';
import { createLiveWorld } from '../src/live/live-world.js';
import { createApi } from '../src/server.js';
import { createRecordedLog } from './quiet-log.js';
import { LOGIN, PASSWORD, SECRETS } from './server-fixture.js';
import type { Data } from './trading-fixture.js';

const LOOK_MS = 5;
const PATIENCE_MS = 60_000;

export interface Whole extends AsyncDisposable {
  /** The account that the API has asked for and the trader has opened. */
  readonly accountId: string;
  readonly store: Store;
  /** Publishes as a third party: objects as JSON. */
  publish(topic: Topic, key: string | null, ...values: readonly (object | Uint8Array)[]): Promise<readonly string[]>;
  /** Asks as the administrator. @throws Error with the answer's errors */
  ask(query: string, variables?: Record<string, unknown>): Promise<Data>;
  /** Of the administrator, to subscribe with. */
  readonly socket: Client;
  deadLetters(): Promise<readonly DeadLetter[]>;
}

export async function startWhole(env: Record<string, string> = {}): Promise<Whole> {
  const folder = mkdtempSync(join(tmpdir(), 'kairos-whole-'));
  const variables = { DATA_DIR: folder, FEED: 'binance', SYMBOLS: 'BTCUSDT,XRPUSDT', PORT: '0' };
  const config = readConfig({ ...variables, ADMIN_PASSWORD: PASSWORD, ...env });
  if (config.FEED.kind !== 'exchange') throw new Error('expected an exchange');
  const world = await worldOf(config.FEED, { symbols: config.SYMBOLS });
  const log = createRecordedLog();
  const [clock, random] = [systemClock, createSeededRandom(7)];
  const open = () => openDoors(config, world, { clock, log });
  const [engine, front, third] = await Promise.all([open(), open(), open()]);
  const engineDeps = { ...engine, clock, log, random };
  const trader = createTrader(engineDeps, { config, world, instance: 'trader' });
  const predictor = createPredictor(engineDeps, { config, world, instance: 'predictor' });
  const frontDeps = { config, world, bus: front.bus, store: front.store, clock, log };
  const live = createLiveWorld(frontDeps, { world, config });
  const api = createApi({ ...frontDeps, live, secrets: SECRETS }, { hasher: { cost: 4, workers: 1 } });
  const services: Service[] = [trader, predictor, live];
  for (const service of services) await service.start();
  const { port } = await api.start();

  let token = '';
  const ask: Whole['ask'] = async (query, variables = {}) => {
    const response = await fetch(`http://127.0.0.1:${port}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
      body: JSON.stringify({ query, variables }),
    });
    const answer = (await response.json()) as { data: Data; errors?: unknown };
    if (answer.errors) throw new Error(JSON.stringify(answer.errors));
    return answer.data;
  };
  token = ((await ask(LOGIN, { name: 'admin', word: PASSWORD })) as never)['login']['accessToken'];
  const socket = createClient({
    url: `ws://127.0.0.1:${port}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${token}` },
  });
  const accountId = await openedAccount(third.store);

  return {
    accountId,
    store: third.store,
    ask,
    socket,
    async publish(topic, key, ...values) {
      const records = values.map((value) => ({ key, value: bytesOf(value) }));
      const places = await third.bus.publish(topic, records);
      return places.map(({ partition, offset }) => `${topic}:${partition}:${offset}`);
    },
    deadLetters: () => deadLettersOf(third.bus),
    async [Symbol.asyncDispose]() {
      await socket.dispose();
      await api.stop();
      await Promise.all(services.map((service) => service.stop()));
      await Promise.all([engine, front, third].map((doors) => doors.close()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const bytesOf = (value: object | Uint8Array): Uint8Array =>
  value instanceof Uint8Array ? value : Buffer.from(JSON.stringify(value));

async function openedAccount(store: Store): Promise<string> {
  await until('the account is open', async () => (await store.readModels.accounts()).length > 0);
  return (await store.readModels.accounts())[0]!.account.id;
}

async function deadLettersOf(bus: Bus): Promise<readonly DeadLetter[]> {
  const [end] = await bus.offsets(TOPICS.deadLetter);
  const reader = await bus.read({ from: [{ topic: TOPICS.deadLetter, partition: 0, position: end!.earliest }] });
  const records: BusRecord[] = [];
  while (records.length < end!.next - end!.earliest) records.push(...(await reader.poll(5_000, 1_000)));
  await reader.close();
  return records.map(({ value }) => {
    const letter = decodeDeadLetter(value);
    if (!letter.ok) throw new Error(letter.error.reason);
    return letter.value;
  });
}

/** Looks until it holds; how long that took, in ms. @throws Error when it takes longer than a minute */
export async function until(what: string, holds: () => Promise<boolean> | boolean): Promise<number> {
  const began = systemClock.monotonicMs();
  for (;;) {
    const isSo = await holds();
    const tookMs = systemClock.monotonicMs() - began;
    if (isSo) return tookMs;
    if (tookMs > PATIENCE_MS) throw new Error(`expected within ${PATIENCE_MS} ms that ${what}`);
    await systemClock.sleep(LOOK_MS);
  }
}
