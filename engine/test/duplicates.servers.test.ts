/**
 * Everything three times over on a real Kafka, in any interleaving that keeps the order within a partition: what comes of
 * it is what comes of the first occurrences alone, to the byte. `KILLS_SEED` says which interleavings.
 */
import type { Bus, BusRecord } from '@kairos/ports';
import { systemClock } from '@kairos/ports';
import { createMemoryLog, createSeededRandom } from '@kairos/ports/testing';
import type { Topic } from '@kairos/schema';
import { TOPICS } from '@kairos/schema';
import { describe, expect, it } from 'vitest';
import { hasData } from '../src/feed/testing/data.js';
import { createTrader } from '../src/run/index.js';
import type { OpenPorts, Remains } from './in-process.fixture.js';
import { memoryPorts, readRemains, runToTheEnd } from './in-process.fixture.js';
import { expectSame } from './kill.fixture.js';
import type { ReplayWorld, Slice } from './replay-world.fixture.js';
import { createReplayWorld, hasEnded, recordsOf, textOf, until } from './replay-world.fixture.js';
import { serverPorts } from './server-ports.fixture.js';

const SEED = Number(process.env['KILLS_SEED'] ?? 20_240_808);
const INTERLEAVINGS = 3;
const TIMES = 3;
/** How far behind the first one a repeat may stand, in records of its partition. */
const BEHIND_MAX = 60;
/** Records of one partition that are published at once, at the most. */
const RUN_MAX = 25;
const PATIENCE_MS = 120_000;
const TEST_MS = 400_000;
const ROWS = 700;
const SLICES: readonly Slice[] = [
  { symbol: 'BTCUSDT', file: 'btcusdt-5m-202401-202408.csv.gz', rows: ROWS },
  { symbol: 'ETHUSDT', file: 'ethusdt-5m-202401-202408.csv.gz', rows: ROWS },
];
const isThere = SLICES.every(({ file }) => hasData(file));

type Random = () => number;

/** What a world was told, by partition. */
type Told = readonly { readonly topic: Topic; readonly records: readonly BusRecord[] }[];

/** Memory ports that tell what stood on their bus in the end. */
function listening(topics: readonly Topic[]): { readonly open: OpenPorts; told(): Told } {
  const told: Told[number][] = [];
  const open: OpenPorts = async (replay) => {
    const ports = await memoryPorts(replay);
    const close = async () => {
      for (const topic of topics) {
        const all = await recordsOf(ports.bus, topic);
        for (const { partition } of await ports.bus.offsets(topic)) {
          told.push({ topic, records: all.filter((record) => record.partition === partition) });
        }
      }
      await ports.close();
    };
    return { ...ports, close };
  };
  return { open, told: () => told };
}

/** Each record three times, its first occurrences in their order. */
function threeTimes(records: readonly BusRecord[], random: Random): readonly BusRecord[] {
  const placed = records.flatMap((record, index) => {
    const again = Array.from({ length: TIMES - 1 }, () => ({ record, at: index + 0.5 + random() * BEHIND_MAX }));
    return [{ record, at: index }, ...again];
  });
  return placed.sort((a, b) => a.at - b.at).map(({ record }) => record);
}

/** Publishes partitions by turns, by lot; each in its own order. How many records that were. */
async function publishInterleaved(bus: Bus, told: Told, random: Random): Promise<number> {
  const waiting = told.map(({ topic, records }) => ({ topic, records: [...threeTimes(records, random)] }));
  let published = 0;
  while (waiting.length > 0) {
    const index = Math.floor(random() * waiting.length);
    const { topic, records } = waiting[index]!;
    const next = records.splice(0, 1 + Math.floor(random() * RUN_MAX));
    await bus.publish(
      topic,
      next.map(({ key, value, partition }) => ({ key, value, partition })),
    );
    published += next.length;
    if (records.length === 0) waiting.splice(index, 1);
  }
  return published;
}

const isEnd = (record: BusRecord): boolean => 'ended' in (JSON.parse(textOf(record)) as object);
const only = (told: Told, isWanted: (topic: Topic, record: BusRecord) => boolean): Told =>
  told
    .map(({ topic, records }) => ({ topic, records: records.filter((record) => isWanted(topic, record)) }))
    .filter(({ records }) => records.length > 0);

/** Accounts before the first price, the end after everything; what is between comes in any order. */
async function tell(bus: Bus, told: Told, random: Random): Promise<number> {
  const isCommand = (topic: Topic) => topic === TOPICS.commands;
  const first = await publishInterleaved(bus, only(told, isCommand), random);
  const between = only(told, (topic, record) => !isCommand(topic) && !isEnd(record));
  const second = await publishInterleaved(bus, between, random);
  const third = await publishInterleaved(
    bus,
    only(told, (topic, record) => !isCommand(topic) && isEnd(record)),
    random,
  );
  return first + second + third;
}

/** A trader alone with what it is told, three times over. */
async function trade(
  replay: ReplayWorld,
  told: Told,
  random: Random,
): Promise<Remains & { readonly published: number }> {
  const { bus, store, ownership, close } = await serverPorts(replay);
  const { config, world } = replay;
  const log = createMemoryLog();
  const trader = createTrader({ bus, store, ownership, clock: systemClock, log }, { config, world, instance: 'test' });
  try {
    await trader.start();
    const published = await tell(bus, told, random);
    await until('the replay ends', () => hasEnded(store), PATIENCE_MS);
    await trader.stop();
    return { ...(await readRemains({ bus, store })), published };
  } finally {
    await trader.stop();
    await close();
  }
}

describe('a replay over real candles on Kafka and MongoDB', { timeout: TEST_MS }, () => {
  it.skipIf(!isThere)(
    `comes to the same when everything is told ${TIMES} times, in ${INTERLEAVINGS} interleavings`,
    async () => {
      using replay = await createReplayWorld(SLICES);
      const { open, told } = listening([TOPICS.commands, TOPICS.marketData, TOPICS.signals]);
      const once = await runToTheEnd(replay, open);
      const records = told().reduce((sum, { records: each }) => sum + each.length, 0);
      const random = createSeededRandom(SEED);
      for (let index = 0; index < INTERLEAVINGS; index++) {
        const thrice = await trade(replay, told(), random);
        expect(thrice.published).toBe(records * TIMES);
        expectSame(thrice, once);
        expect(thrice.deadLetters).toEqual([]);
      }
    },
  );
});
