/**
 * kill -9 at any moment, on Kafka and MongoDB: feed, predictor and two or three traders that share the shards, over servers
 * of this test's own. `KILLS` (default 100) is how often, `KILLS_SEED` which moments; fewer kills wait for what becomes of
 * commands and of messages that are not valid, and fewer still for a process that is frozen.
 */
import { shardOf } from '@kairos/ports';
import type { Interval } from '@kairos/schema';
import { INTERVAL_MS, TRAINING_CANDLES } from '@kairos/schema';
import { describe, expect, it } from 'vitest';
import type { KafkaServer, MongodServer } from '../../scripts/servers/index.mjs';
import { startKafka, startMongod } from '../../scripts/servers/index.mjs';
import { hasData } from '../src/feed/testing/data.js';
import { createAuditor } from './auditor.fixture.js';
import type { Part } from './crew.fixture.js';
import { commandsAndNonsense } from './disturbance.fixture.js';
import type { Remains } from './in-process.fixture.js';
import { memoryPorts, runAccountsToTheEnd, runToTheEnd } from './in-process.fixture.js';
import {
  answersOf,
  eventsCommitted,
  expectSame,
  placeOf,
  runFrozen,
  runKilled,
  withoutRepeats,
} from './kill.fixture.js';
import type { Accounts, ReplayWorld, Slice } from './replay-world.fixture.js';
import { ACCOUNT_IDS, ACCOUNTS, createReplayWorld, firstDifference, flawsOf, idsOf } from './replay-world.fixture.js';
import { runInStorm } from './storm.fixture.js';

const KILLS = Number(process.env['KILLS'] ?? 100);
const KILLS_DISTURBED = Math.ceil(KILLS / 25);
const FREEZES = Math.ceil(KILLS / 25);
const TEST_MS = 600_000 + KILLS * 15_000;
const PARTS: readonly Part[] = ['trade', 'trade-2', 'predict', 'feed'];
const SLICE: Slice = { symbol: 'BTCUSDT', file: 'btcusdt-1h-201708-202408.csv.gz', rows: 3_000 };
const SPEED = '1000000';

/** Three candles of each symbol a second, and enough of them for a machine that takes 5 s for a kill. */
const SPEED_IN_STORM = '900';
const TRADED_IN_STORM = KILLS * 15;
const ROWS_IN_STORM = TRADED_IN_STORM + Math.min(Math.ceil(TRADED_IN_STORM / 4), TRAINING_CANDLES);
const SLICES_IN_STORM: readonly Slice[] = [
  { symbol: 'BTCUSDT', file: 'btcusdt-5m-202401-202408.csv.gz', rows: ROWS_IN_STORM },
  { symbol: 'ETHUSDT', file: 'ethusdt-5m-202401-202408.csv.gz', rows: ROWS_IN_STORM },
];
const SHARDS = 8;
/** One of each kind in every shard; they act on almost every signal, so that there is much to lose. */
const ACCOUNTS_IN_STORM: Accounts<string> = Object.fromEntries(
  ACCOUNT_IDS.flatMap((kind) =>
    Array.from(
      { length: SHARDS },
      (_, shard) => [nameIn(shard, kind), { ...ACCOUNTS[kind], minConfidence: 0.1 }] as const,
    ),
  ),
);

/** The first name of this kind that falls into the shard. */
function nameIn(shard: number, kind: string): string {
  for (let index = 0; ; index++) {
    const name = `${kind}-${index}`;
    if (shardOf(name, SHARDS) === shard) return name;
  }
}

const isThere = [SLICE, ...SLICES_IN_STORM].every(({ file }) => hasData(file));

describe('a replay over real candles on Kafka and MongoDB', { timeout: TEST_MS }, () => {
  it.skipIf(!isThere)(
    `gives what an undisturbed run gives over ${KILLS} times kill -9, with every signal fed three times`,
    async ({ annotate }) => {
      using calm = await createReplayWorld(SLICES_IN_STORM);
      await using servers = await startServers();
      using replay = await onServers(servers, SLICES_IN_STORM, SPEED_IN_STORM);
      const undisturbed = await runAccountsToTheEnd(calm, memoryPorts, ACCOUNTS_IN_STORM);
      const { remains, repeater, killed, stalled, stormMs } = await runInStorm(replay, {
        accounts: ACCOUNTS_IN_STORM,
        kills: KILLS,
      });
      const owners = new Set(remains.journal.map(({ owner }) => owner));
      await annotate(
        `${JSON.stringify(killed)} in ${stormMs} ms, ${stalled} stalled; ${owners.size} traders have had shards`,
      );
      await annotate(
        `${repeater.signals} signals in ${repeater.records} records, ${remains.deadLetters.length} too late`,
      );
      expectSame(remains, undisturbed);
      for (const id of idsOf(ACCOUNTS_IN_STORM)) audit(replay, remains, { accountId: id, interval: '5m' });
      // What is repeated more than 24 h of world time later is not valid any more.
      expect(remains.deadLetters.filter((letter) => !letter.includes('at most 24 h before now'))).toEqual([]);
      expect(new Set(remains.deadLetters.map(placeOf)).size).toBe(remains.deadLetters.length);
      // The storm has hit those who were at work.
      expect(owners.size).toBeGreaterThan(KILLS / 10);
    },
  );

  it.skipIf(!isThere)(
    `gives the same while traders are frozen ${FREEZES} times, and nothing of an older epoch follows a newer one`,
    async () => {
      using calm = await createReplayWorld([SLICE]);
      await using servers = await startServers();
      using replay = await onServers(servers, [SLICE], SPEED);
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
      using replay = await onServers(servers, [SLICE], SPEED);
      const { commands, bad, disturbance } = commandsAndNonsense(PARTS, KILLS_DISTURBED);
      const survived = await runKilled(replay, disturbance);
      for (const id of ACCOUNT_IDS) audit(replay, survived, { accountId: id, interval: '1h' });
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
const onServers = ({ kafka, mongod }: Servers, slices: readonly Slice[], speed: string): Promise<ReplayWorld> =>
  createReplayWorld(slices, {
    FEED_SPEED: speed,
    KAFKA_BROKERS: kafka.brokers,
    KAFKA_PARTITIONS: String(SHARDS),
    MONGODB_URI: mongod.uri,
    JWT_SECRET: 'correct horse battery staple, and more',
    HOST: '127.0.0.1',
  });

/** What was published is what was committed, and the books hold to the last digit at every event. */
function audit<Id extends string>(
  { closes }: ReplayWorld,
  remains: Remains<Id>,
  { accountId, interval }: { readonly accountId: Id; readonly interval: Interval },
): void {
  const auditor = createAuditor({ accountId, closes, intervalMs: INTERVAL_MS[interval] });
  const events = withoutRepeats(remains.events[accountId]);
  expect(firstDifference(events, eventsCommitted(remains, accountId))).toBeNull();
  events.forEach(auditor.take);
}
