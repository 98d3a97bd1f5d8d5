/** Traders whose group is slow, or away and back: nobody gives up what it holds before another one has it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KafkaServer, TcpProxy } from '../../../scripts/servers/index.mjs';
import { createTcpProxy, freePort, startKafka } from '../../../scripts/servers/index.mjs';
import type { Bus } from '../../src/bus/bus.js';
import { SESSION_TIMEOUT_MS } from '../../src/bus/kafka/limits.js';
import { openKafkaBus } from '../../src/bus/kafka/open-kafka-bus.js';
import { surveyKafkaBus } from '../../src/bus/kafka/survey-kafka-bus.js';
import { systemClock } from '../../src/clock/system.js';
import { isPortError } from '../../src/errors.js';
import { createGroupOwnership, TRADERS_GROUP } from '../../src/ownership/group-ownership.js';
import { until } from './numbers.fixture.js';

const SHARDS = 8;
const HALF = SHARDS / 2;
/** Each way: what is asked for is answered 4 s later. */
const SLOW_MS = 2_000;
const LOOK_MS = 250;
/** For twice as long as it takes to be taken for dead. */
const LOOKS = (2 * SESSION_TIMEOUT_MS) / LOOK_MS;
const PATIENCE_MS = 60_000;
const SET_UP_MS = 180_000;

let kafka: KafkaServer;
let proxy: TcpProxy;

beforeAll(async () => {
  const port = await freePort();
  proxy = await createTcpProxy({ target: `127.0.0.1:${port}` });
  kafka = await startKafka({ listeners: [{ protocol: 'PLAINTEXT', port, advertised: proxy.address }] });
}, SET_UP_MS);
afterAll(async () => {
  await kafka?.stop();
  await proxy?.close();
});

/** One that looks on and on, as a trader does, what is its own. */
interface Looker extends AsyncDisposable {
  /** What each look told; the code of an error where it could not be told. */
  readonly told: readonly string[];
  /** As of the newest look that said so. */
  readonly shards: readonly number[];
}

async function startLooking(): Promise<Looker> {
  const options = { brokers: [kafka.brokers], partitions: SHARDS, replication: 1 };
  const bus: Bus = await openKafkaBus(options, { clock: systemClock });
  const stopping = new AbortController();
  const { signal } = stopping;
  const holding = (await createGroupOwnership({ bus }, SHARDS).acquire({ onWaiting: () => undefined, signal }))!;
  const told: string[] = [];
  let shards: readonly number[] = [];
  const look = async (): Promise<string> => {
    try {
      shards = await holding.look(LOOK_MS, signal);
      return shards.join(' ');
    } catch (error) {
      if (!isPortError(error) || !error.isRetriable) throw error;
      await systemClock.sleep(LOOK_MS, signal);
      return error.code;
    }
  };
  const looking = (async () => {
    while (!signal.aborted) {
      told.push(await look());
    }
  })();
  return {
    told,
    get shards() {
      return shards;
    },
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await looking;
      await holding.release();
      await bus.close();
    },
  };
}

const areShared = (lookers: readonly Looker[]): boolean =>
  lookers.every(({ shards }) => shards.length === HALF) &&
  new Set(lookers.flatMap(({ shards }) => shards)).size === SHARDS;

/** As the broker has it, asked past the proxy. */
async function members(): Promise<number> {
  const survey = await surveyKafkaBus({ brokers: [kafka.direct], groupPrefix: TRADERS_GROUP }, { clock: systemClock });
  const [group] = await survey.groups();
  await survey.close();
  return group?.members ?? 0;
}

/** Marks what each is told from now on. */
const newsOf = (lookers: readonly Looker[]): (() => string[][]) => {
  const before = lookers.map(({ told }) => told.length);
  return () => lookers.map(({ told }, index) => told.slice(before[index]));
};

describe('two traders that share shards', { timeout: SET_UP_MS }, () => {
  it('keep them while the group answers 4 s late, and when it has lost both until it knows them again', async () => {
    await using one = await startLooking();
    await using other = await startLooking();
    const both = [one, other];
    await until('they share', PATIENCE_MS, () => areShared(both));
    const shared = both.map(({ shards }) => shards.join(' '));
    const late = newsOf(both);
    proxy.delay(SLOW_MS);
    await until('they have looked for long', PATIENCE_MS, () => late().every(({ length }) => length > LOOKS));
    expect(late().map((told) => [...new Set(told)])).toEqual(shared.map((shards) => [shards]));

    proxy.restore();
    const lost = newsOf(both);
    proxy.blackhole();
    await until('the group has lost them', PATIENCE_MS, async () => (await members()) === 0);
    proxy.restore();
    await until('they share again', PATIENCE_MS, async () => (await members()) === both.length && areShared(both));
    expect(lost().flat()).not.toContain('');
    expect(both.map(({ shards }) => shards.join(' '))).toEqual(shared);
  });
});
