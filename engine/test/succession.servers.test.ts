/**
 * Three traders as processes on Kafka and MongoDB while signals flow: killed, frozen and without Kafka. What one had goes on
 * at another within 15 s, nothing of an older epoch follows a newer one, and each account decides each signal once.
 *
 * `SUCCESSIONS` (default 5) traders are killed; `FREEZE_SECONDS` (default 30, a release 600) is how long they are frozen
 * now and then; `AWAY_SECONDS` (default 10, a release 60) how long Kafka is away. `PANIC_SLACK` stretches the times on a
 * machine that is busy otherwise.
 */
import type { Server } from 'node:net';
import { createServer } from 'node:net';
import { systemClock } from '@kairos/ports';
import { createSeededRandom } from '@kairos/ports/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Part } from './crew.fixture.js';
import type { Decisions, Flow } from './flow.fixture.js';
import { createDecisions, openOnePerShard, startFlow } from './flow.fixture.js';
import type { PanicWorld } from './panic.fixture.js';
import { createPanicWorld, PATIENCE_MS, SLACK } from './panic.fixture.js';
import { until } from './replay-world.fixture.js';

const SUCCESSIONS = Number(process.env['SUCCESSIONS'] ?? 5);
const FREEZE_MS = Number(process.env['FREEZE_SECONDS'] ?? 30) * 1_000;
const AWAY_MS = Number(process.env['AWAY_SECONDS'] ?? 10) * 1_000;
const SEED = Number(process.env['FREEZE_SEED'] ?? 28);
const SUCCESSION_MS_MAX = 15_000 * SLACK;
const RETURN_MS_MAX = 10_000 * SLACK;
/** R28. */
const FROZEN_MS_MIN = 1_000;
const FROZEN_MS_MAX = 30_000;
/** Between two tries at a broker at the most; and how many a second all of them may make. */
const BACKOFF_MS_MAX = 5_000;
const TRIES_MAX = 60;
const SET_UP_MS = 300_000;
const TEST_MS = 300_000 + 2 * FREEZE_MS + AWAY_MS;
/** From one signal to the next. */
const GAP_MS = 100;
const TRADERS: readonly Part[] = ['trade', 'trade-2', 'trade-3'];
/** Killed at a time. */
const TOGETHER = 2;

let world: PanicWorld;
let accountIds: readonly string[];
let decisions: Decisions;
let flow: Flow;

beforeAll(async () => {
  world = await createPanicWorld({ parts: TRADERS });
  accountIds = await openOnePerShard(world.doors, PATIENCE_MS);
  decisions = createDecisions(world.doors.store);
  flow = startFlow(world.doors.bus, GAP_MS);
}, SET_UP_MS);
afterAll(async () => {
  await flow?.stop();
  await world?.[Symbol.asyncDispose]();
}, SET_UP_MS);

/** Who has committed last, per shard. */
async function owners(): Promise<readonly string[]> {
  const { journal, shards } = world.doors.store;
  const heads = await Promise.all(Array.from({ length: shards }, (_, shard) => journal.head(shard)));
  return heads.map(({ owner }) => owner ?? '');
}

const doAllTrade = async (): Promise<boolean> => new Set(await owners()).size === TRADERS.length;

/** Everything that flowed so far: decided once by each account, by one owner per epoch, in the order of epochs. */
async function expectNoFlaws(): Promise<void> {
  const { newest } = flow;
  await decisions.msUntil(accountIds, newest, PATIENCE_MS);
  expect(await decisions.flaws(accountIds, newest)).toEqual([]);
  world.crew.assertAlive();
}

describe('traders that share a world', { timeout: TEST_MS }, () => {
  it(`killed ${SUCCESSIONS} times, two at a time: their accounts go on within 15 s`, async ({ annotate }) => {
    const victims = Array.from({ length: SUCCESSIONS }, (_, index) => TRADERS[index % TRADERS.length]!);
    const tookMs: number[] = [];
    while (victims.length > 0) {
      const parts = victims.splice(0, TOGETHER);
      await until('they share', doAllTrade, PATIENCE_MS);
      await Promise.all(parts.map(world.crew.kill));
      const ms = await decisions.msUntil(accountIds, flow.newest + 1, PATIENCE_MS);
      tookMs.push(...parts.map(() => ms));
      parts.forEach(world.crew.start);
    }
    await annotate(`went on after ms ${tookMs.join(' ')}`);
    expect(tookMs.filter((ms) => ms >= SUCCESSION_MS_MAX)).toEqual([]);
    await expectNoFlaws();
  });

  it(`frozen now and then for ${FREEZE_MS / 1_000} s in all, 1 to 30 s at a time`, async ({ annotate }) => {
    const random = createSeededRandom(SEED);
    const frozenMs: number[] = [];
    const backMs: number[] = [];
    for (let leftMs = FREEZE_MS; leftMs > 0; leftMs -= frozenMs.at(-1)!) {
      await until('they share', doAllTrade, PATIENCE_MS);
      const part = TRADERS[Math.floor(random() * TRADERS.length)]!;
      const ms = Math.min(leftMs, FROZEN_MS_MIN + random() * (FROZEN_MS_MAX - FROZEN_MS_MIN));
      world.crew.freeze(part);
      await systemClock.sleep(ms);
      world.crew.thaw(part);
      frozenMs.push(Math.ceil(ms));
      backMs.push(await decisions.msUntil(accountIds, flow.newest + 1, PATIENCE_MS));
    }
    await annotate(`frozen for ms ${frozenMs.join(' ')}; went on after ms ${backMs.join(' ')}; ${flow.newest} signals`);
    expect(backMs.filter((ms) => ms >= SUCCESSION_MS_MAX)).toEqual([]);
    await expectNoFlaws();
  });

  it(`without Kafka for ${AWAY_MS / 1_000} s: they try again now and then, and go on within 10 s`, async ({
    annotate,
  }) => {
    const { kafka } = world.servers;
    await until('they share', doAllTrade, PATIENCE_MS);
    const before = await owners();
    await kafka.kill();
    await using door = await listenAt(kafka.ports.listeners[0]!);
    await systemClock.sleep(AWAY_MS);
    const { knockedMs } = door;
    await door[Symbol.asyncDispose]();
    await kafka.restart();
    const backMs = await decisions.msUntil(accountIds, flow.newest + 1, PATIENCE_MS);
    await annotate(
      `${knockedMs.length} tries, at most ${Math.round(Math.max(...gaps(knockedMs)))} ms apart; went on after ${backMs} ms`,
    );
    expect(backMs).toBeLessThan(RETURN_MS_MAX);
    // Nobody has ended for it and begun anew.
    expect((await owners()).filter((owner) => !before.includes(owner))).toEqual([]);
    expect(Math.max(...gaps(knockedMs))).toBeLessThan(BACKOFF_MS_MAX);
    expect(knockedMs.length / (AWAY_MS / 1_000)).toBeLessThan(TRIES_MAX);
    await expectNoFlaws();
  });
});

const gaps = (times: readonly number[]): readonly number[] => times.slice(1).map((ms, index) => ms - times[index]!);

/** Somebody at a broker's port who hangs up on everybody, and notes when they came. */
async function listenAt(port: number): Promise<AsyncDisposable & { readonly knockedMs: readonly number[] }> {
  const knockedMs: number[] = [];
  const server: Server = createServer((socket) => {
    knockedMs.push(systemClock.monotonicMs());
    socket.on('error', () => undefined).resetAndDestroy();
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    knockedMs,
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
