/**
 * Kafka and MongoDB that are killed, step down or are cut off while feed, predictor and two traders run on them: every
 * process stays alive, the world goes on within 10 s of their return, and comes to what it comes to undisturbed.
 * `OUTAGES` (default 12) is how many, each kind in turn.
 */
import type { Doors } from '@kairos/ports';
import { isPortError, openDoors, systemClock } from '@kairos/ports';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { KafkaServer, MongodServer, TcpProxy } from '../../scripts/servers/index.mjs';
import { createTcpProxy, freePorts, startKafka, startMongod } from '../../scripts/servers/index.mjs';
import { hasData } from '../src/feed/testing/data.js';
import type { Part } from './crew.fixture.js';
import { createCrew } from './crew.fixture.js';
import type { Remains } from './in-process.fixture.js';
import { memoryPorts, readRemains, runToTheEnd } from './in-process.fixture.js';
import { expectSame } from './kill.fixture.js';
import type { ReplayWorld, Slice } from './replay-world.fixture.js';
import { askForAccounts, createReplayWorld, hasEnded, until } from './replay-world.fixture.js';

const OUTAGES = Number(process.env['OUTAGES'] ?? 12);
const PROGRESS_MS_MAX = 10_000;
/** Until it begins, ends, or an outage is noticed. */
const PATIENCE_MS = 300_000;
const TEST_MS = 600_000 + OUTAGES * 30_000;
const PARTS: readonly Part[] = ['trade', 'trade-2', 'predict'];
const FEED: readonly Part[] = ['feed'];
const SLICE: Slice = { symbol: 'BTCUSDT', file: 'btcusdt-1h-201708-202408.csv.gz', rows: 1_900 };
/** Two candles a second, so that the world does not end before its outages do; and as fast as it goes afterwards. */
const SPEED = '7200';
const SPEED_AFTERWARDS = '1000000';

const isThere = hasData(SLICE.file);

interface Servers {
  readonly kafka: KafkaServer;
  readonly mongod: MongodServer;
  readonly toKafka: TcpProxy;
  readonly toMongod: TcpProxy;
}

/** Both behind proxies, gone when the test is over. */
async function startServers(): Promise<Servers> {
  const [kafkaPort, port] = (await freePorts(2)) as [number, number];
  const toKafka = await createTcpProxy({ target: `127.0.0.1:${kafkaPort}` });
  const toMongod = await createTcpProxy({ target: `127.0.0.1:${port}` });
  onTestFinished(() => Promise.all([toKafka.close(), toMongod.close()]).then(() => undefined));
  const listener = { protocol: 'PLAINTEXT', port: kafkaPort, advertised: toKafka.address } as const;
  const kafka = await startKafka({ listeners: [listener] });
  onTestFinished(() => kafka.stop());
  const mongod = await startMongod({ port, advertised: toMongod.address });
  onTestFinished(() => mongod.stop());
  return { kafka, mongod, toKafka, toMongod };
}

type Outage = readonly [name: string, begin: (servers: Servers, doors: Doors) => Promise<void>];

/** Until a call fails that must fail now, in a way that may pass. */
const untilAway = (what: string, ping: () => Promise<void>): Promise<void> =>
  until(`${what} does not answer`, async () => (await passing(ping)) === null, PATIENCE_MS);

/** Each resolves when the server is back. */
const KINDS: readonly Outage[] = [
  [
    'Kafka is killed',
    async ({ kafka }) => {
      await kafka.kill();
      await kafka.restart();
    },
  ],
  ['MongoDB steps down', ({ mongod }) => mongod.stepDown()],
  [
    'MongoDB is killed',
    async ({ mongod }) => {
      await mongod.kill();
      await mongod.restart();
    },
  ],
  [
    'the network to Kafka is cut',
    async ({ toKafka }, { bus }) => {
      toKafka.cut();
      await untilAway('Kafka', () => bus.ping());
      toKafka.restore();
    },
  ],
  ['Kafka is started again', ({ kafka }) => kafka.restart()],
  [
    'the network to MongoDB is silent',
    async ({ toMongod }, { store }) => {
      toMongod.blackhole();
      await untilAway('MongoDB', () => store.ping());
      toMongod.restore();
    },
  ],
];

/** What a call gives; null when it fails in a way that may pass. */
async function passing<T>(call: () => Promise<T>): Promise<T | null> {
  try {
    return await call();
  } catch (error) {
    if (isPortError(error) && error.isRetriable) return null;
    throw error;
  }
}

interface Outcome {
  readonly remains: Remains;
  /** After each outage: how long until the world went on. */
  readonly returns: readonly { readonly after: string; readonly ms: number }[];
}

async function runOverOutages({ config, world, env }: ReplayWorld, servers: Servers): Promise<Outcome> {
  const doors = await openDoors(config, world, { clock: systemClock });
  const crew = createCrew(env, PARTS);
  const feed = createCrew(env, FEED);
  const feedAfterwards = createCrew({ ...env, FEED_SPEED: SPEED_AFTERWARDS }, FEED);
  const crews = [crew, feed, feedAfterwards];
  const worldTime = async (): Promise<number | null> => {
    for (const each of crews) each.assertAlive();
    const found = await passing(() => doors.store.readModels.progress());
    return found?.worldTime ?? null;
  };
  const goesOn = async (): Promise<number> => {
    const began = systemClock.monotonicMs();
    let mark: number | null = null;
    await until(
      'the world goes on',
      async () => {
        const now = await worldTime();
        mark ??= now;
        return now !== null && now > mark!;
      },
      PATIENCE_MS,
    );
    return systemClock.monotonicMs() - began;
  };
  try {
    await askForAccounts(doors.bus);
    PARTS.forEach(crew.start);
    feed.start('feed');
    await goesOn();
    const returns: Outcome['returns'][number][] = [];
    for (let index = 0; index < OUTAGES; index++) {
      const [name, outage] = KINDS[index % KINDS.length]!;
      await outage(servers, doors);
      returns.push({ after: name, ms: Math.round(await goesOn()) });
    }
    expect(await hasEnded(doors.store)).toBe(false);
    await feed.stop();
    feedAfterwards.start('feed');
    await until('the replay ends', async () => (await worldTime()) !== null && hasEnded(doors.store), PATIENCE_MS);
    for (const each of crews) await each.stop();
    return { remains: await readRemains(doors), returns };
  } finally {
    for (const each of crews) await each.killAll();
    await doors.close();
  }
}

describe('a replay over real candles', { timeout: TEST_MS }, () => {
  it.skipIf(!isThere)(`gives what an undisturbed run gives over ${OUTAGES} outages of Kafka and MongoDB`, async () => {
    using calm = await createReplayWorld([SLICE]);
    const undisturbed = await runToTheEnd(calm, memoryPorts);
    const servers = await startServers();
    using replay = await createReplayWorld([SLICE], {
      FEED_SPEED: SPEED,
      KAFKA_BROKERS: servers.kafka.brokers,
      MONGODB_URI: servers.mongod.uri,
      JWT_SECRET: 'correct horse battery staple, and more',
      HOST: '127.0.0.1',
    });
    const { remains, returns } = await runOverOutages(replay, servers);
    expectSame(remains, undisturbed);
    expect(remains.deadLetters).toEqual([]);
    expect(returns.filter(({ ms }) => ms > PROGRESS_MS_MAX)).toEqual([]);
  });
});
