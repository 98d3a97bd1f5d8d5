/**
 * kill -9 at any moment, on Kafka and MongoDB: feed, predictor and two traders that share the shards, over servers of
 * this test's own. Every signal is fed three times at least. `KILLS` (default 8) is how often, `KILLS_SEED` which moments.
 */
import type { Bus } from '@kairos/ports';
import { INTERVAL_MS, TOPICS } from '@kairos/schema';
import { describe, expect, it } from 'vitest';
import type { KafkaServer, MongodServer } from '../../scripts/servers/index.mjs';
import { startKafka, startMongod } from '../../scripts/servers/index.mjs';
import { hasData } from '../src/feed/testing/data.js';
import { createAuditor } from './auditor.fixture.js';
import type { Part } from './crew.fixture.js';
import { commandsAndNonsense } from './disturbance.fixture.js';
import { memoryPorts, runToTheEnd } from './in-process.fixture.js';
import {
  answersOf,
  eventsCommitted,
  expectSame,
  placeOf,
  runFrozen,
  runKilled,
  withoutRepeats,
} from './kill.fixture.js';
import type { ReplayWorld, Slice } from './replay-world.fixture.js';
import { ACCOUNT_IDS, createReplayWorld, firstDifference, flawsOf } from './replay-world.fixture.js';

const KILLS = Number(process.env['KILLS'] ?? 8);
const FREEZES = Math.ceil(KILLS / 2);
const KILLS_DISTURBED = Math.ceil(KILLS / 2);
const TEST_MS = 600_000 + KILLS * 60_000;
const PARTS: readonly Part[] = ['trade', 'trade-2', 'predict', 'feed'];
const SLICE: Slice = { symbol: 'BTCUSDT', file: 'btcusdt-1h-201708-202408.csv.gz', rows: 3_000 };
const SPEED = '1000000';
/** How often each signal is published beside the first time. */
const REPEATS = 2;

const isThere = hasData(SLICE.file);

describe('a replay over real candles on Kafka and MongoDB', { timeout: TEST_MS }, () => {
  it.skipIf(!isThere)(`gives what an undisturbed run gives over ${KILLS} times kill -9`, async () => {
    using calm = await createReplayWorld([SLICE]);
    await using servers = await startServers();
    using replay = await onServers(servers);
    const undisturbed = await runToTheEnd(calm, memoryPorts);
    const repeater = createRepeater();
    const survived = await runKilled(replay, {
      parts: PARTS,
      kills: KILLS,
      disturb: (_, { bus }) => repeater.repeat(bus),
      isDone: async ({ bus }) => {
        await repeater.repeat(bus);
        return repeater.leastOften() >= 1 + REPEATS;
      },
    });
    expectSame(survived, undisturbed);
    expect(new Set(survived.journal.map(({ owner }) => owner)).size).toBeGreaterThan(2);
    // What is repeated more than 24 h of world time later is not valid any more.
    expect(survived.deadLetters.filter((letter) => !letter.includes('at most 24 h before now'))).toEqual([]);
    expect(new Set(survived.deadLetters.map(placeOf)).size).toBe(survived.deadLetters.length);
  });

  it.skipIf(!isThere)(
    `gives the same while traders are frozen ${FREEZES} times, and nothing of an older epoch follows a newer one`,
    async () => {
      using calm = await createReplayWorld([SLICE]);
      await using servers = await startServers();
      using replay = await onServers(servers);
      const undisturbed = await runToTheEnd(calm, memoryPorts);
      const survived = await runFrozen(replay, { parts: PARTS, frozen: ['trade', 'trade-2'], freezes: FREEZES });
      expectSame(survived, undisturbed);
      expect(survived.deadLetters).toEqual([]);
      expect(Math.max(...survived.journal.map(({ epoch }) => epoch))).toBeGreaterThan(1);
    },
  );

  it.skipIf(!isThere)(
    `obeys each command once, and writes each dead letter once, over ${KILLS_DISTURBED} times kill -9`,
    async () => {
      await using servers = await startServers();
      using replay = await onServers(servers);
      const { commands, bad, disturbance } = commandsAndNonsense(PARTS, KILLS_DISTURBED);
      const survived = await runKilled(replay, disturbance);
      for (const id of ACCOUNT_IDS) {
        const auditor = createAuditor({ accountId: id, closes: replay.closes, intervalMs: INTERVAL_MS['1h'] });
        const events = withoutRepeats(survived.events[id]);
        expect(firstDifference(events, eventsCommitted(survived, id))).toBeNull();
        events.forEach(auditor.take);
      }
      expect(flawsOf(survived.journal)).toEqual([]);
      expect(answersOf(survived)).toEqual([...commands].sort());
      expect(survived.deadLetters.map(placeOf).sort()).toEqual([...bad].sort());
    },
  );
});

interface Servers extends AsyncDisposable {
  readonly kafka: KafkaServer;
  readonly mongod: MongodServer;
}

async function startServers(): Promise<Servers> {
  const [kafka, mongod] = await Promise.all([startKafka(), startMongod()]);
  return {
    kafka,
    mongod,
    async [Symbol.asyncDispose]() {
      await Promise.all([kafka.stop(), mongod.stop()]);
    },
  };
}

/** A replay whose processes use these servers. */
const onServers = ({ kafka, mongod }: Servers): Promise<ReplayWorld> =>
  createReplayWorld([SLICE], {
    FEED_SPEED: SPEED,
    KAFKA_BROKERS: kafka.brokers,
    MONGODB_URI: mongod.uri,
    JWT_SECRET: 'correct horse battery staple, and more',
    HOST: '127.0.0.1',
  });

/** Publishes every signal again, as it stands, to the partition where it stands. */
function createRepeater() {
  const counts = new Map<string, number>();
  let next = 0;
  return {
    async repeat(bus: Bus): Promise<void> {
      const [ends] = await bus.offsets(TOPICS.signals);
      const reader = await bus.read({ from: [{ topic: TOPICS.signals, partition: 0, position: next }] });
      while (next < ends!.next) {
        const records = await reader.poll(1_000, 1_000);
        const fresh = records.filter(({ value }) => !counts.has(Buffer.from(value).toString()));
        for (const { value } of records) {
          const text = Buffer.from(value).toString();
          counts.set(text, (counts.get(text) ?? 0) + 1);
        }
        const again = fresh.flatMap(({ key, value }) =>
          Array.from({ length: REPEATS }, () => ({ key, value, partition: 0 })),
        );
        if (again.length > 0) await bus.publish(TOPICS.signals, again);
        next = records.at(-1) ? records.at(-1)!.offset + 1 : next;
        if (records.length === 0) break;
      }
      await reader.close();
    },
    leastOften: () => Math.min(...counts.values()),
  };
}
