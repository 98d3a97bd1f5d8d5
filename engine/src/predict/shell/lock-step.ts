/**
 * The predictor of a REPLAY or SIMULATOR world: one partition in, one partition out, in the order read.
 *
 * A start is a restart: candles are read from a place early enough (`checkpoint.ts`), or from the earliest that is kept,
 * and folded; what is on the bus already is not published again. Where retention has removed candles that are needed,
 * those that the trader has taken stand in for them, and the log says so.
 */
import type { BusRecord, Reader } from '@kairos/ports';
import type { Candle, Instant, Signal } from '@kairos/schema';
import { LOCK_STEP_PARTITION, TOPICS, TRAINING_CANDLES } from '@kairos/schema';
import { HORIZON_CANDLES, MEMORY_CANDLES } from '../limits.js';
import type { SignalFold } from '../signal-fold.js';
import { costsOf, createSignalFold } from '../signal-fold.js';
import type { Checkpoints } from './checkpoint.js';
import { createCheckpoints, loadMilestone } from './checkpoint.js';
import type { Feeding, FeedingDeps, FeedingOptions } from './feeding.js';
import { decodeBatch, laterOf, pollPrices } from './feeding.js';
import { createRefusals } from './refusals.js';
import { createSignalOutlet } from './signal-outlet.js';
import { loadTrainingCounts } from './training.js';

const INPUT = { topic: TOPICS.marketData, partition: LOCK_STEP_PARTITION };
/** Nothing on the bus is too old to matter. */
const ALWAYS = 0 as Instant;

interface Beginning {
  readonly offset: number;
  /** Whether candles before it are gone that nobody remembers. */
  readonly isTrimmed: boolean;
}

/** Opens the input. @throws Stopping, or a PortError that cannot pass */
export async function openLockStep(deps: FeedingDeps, options: FeedingOptions): Promise<Feeding> {
  const { bus, store, log, retry } = deps;
  const { world, config } = options;
  let trainingCandlesOf: ((symbol: string) => number) | null = null;
  const fold = createSignalFold({
    costs: costsOf(config.COMMISSION),
    trainingCandlesOf: (symbol) => trainingCandlesOf?.(symbol) ?? TRAINING_CANDLES,
  });
  const refusals = createRefusals(deps);
  const outlet = createSignalOutlet(deps, { partition: LOCK_STEP_PARTITION, horizon: () => ALWAYS });
  const checkpoints: Checkpoints = createCheckpoints({ store, log, fold }, world);
  const beginning = await retry.run('find where to begin', () => findBeginning(deps, options, fold));
  const from = [{ ...INPUT, position: beginning.offset }];
  const reader = await retry.run('open prices', () => bus.read({ from }));
  log.info({ world, offset: beginning.offset }, `predicting ${world} from offset ${beginning.offset} of its prices`);
  let next = beginning.offset;
  let worldTime: Instant | null = null;

  async function recall(candle: Candle): Promise<void> {
    const { symbol, interval, time } = candle;
    const last = TRAINING_CANDLES + MEMORY_CANDLES(HORIZON_CANDLES[interval]);
    const query = { symbol, interval, before: time, last };
    const taken = await retry.run('read candles', () => store.readModels.candles(query));
    for (const each of taken) fold.take(each);
    log.warn({ symbol, candles: taken.length }, 'old prices are gone from the bus: read those that the trader took');
  }

  async function takeAll(records: readonly BusRecord[]): Promise<void> {
    trainingCandlesOf ??= await retry.run('read facts', () => loadTrainingCounts(store, world));
    const batch = decodeBatch(records);
    const signals: Signal[] = [];
    for (const { candle } of batch.candles) {
      if (beginning.isTrimmed && candle.closed && !fold.progressOf(candle.symbol)) await recall(candle);
      const signal = fold.take(candle);
      if (signal) signals.push(signal);
    }
    await refusals.report(batch.bad);
    await outlet.publish(signals);
    worldTime = laterOf(worldTime, batch.newest);
  }

  return {
    async step() {
      const records = (await pollPrices(retry, reader)).filter(({ offset }) => offset >= next);
      if (records.length === 0) return;
      noteGaps(reader, deps);
      await takeAll(records);
      next = records.at(-1)!.offset + 1;
      await checkpoints.reached(next);
    },
    async lag() {
      const bounds = (await bus.offsets(INPUT.topic)).find(({ partition }) => partition === INPUT.partition);
      return Math.max(0, (bounds?.next ?? next) - next);
    },
    worldTime: () => worldTime,
    progress: () => fold.progress(),
    close: () => reader.close(),
  };
}

/** The kept place, unless retention has passed it; else the earliest record. */
async function findBeginning(deps: FeedingDeps, options: FeedingOptions, fold: SignalFold): Promise<Beginning> {
  const bounds = (await deps.bus.offsets(INPUT.topic)).find(({ partition }) => partition === INPUT.partition);
  const earliest = bounds?.earliest ?? 0;
  const milestone = await loadMilestone(deps.store, options.world);
  const isKept = milestone !== null && milestone.offset >= earliest && milestone.offset <= (bounds?.next ?? 0);
  if (!isKept) return { offset: earliest, isTrimmed: earliest > 0 };
  for (const [symbol, progress] of Object.entries(milestone.symbols)) fold.restart(symbol, progress);
  return { offset: milestone.offset, isTrimmed: false };
}

function noteGaps(reader: Reader, { log }: FeedingDeps): void {
  for (const { wanted, found } of reader.gaps()) {
    log.warn({ wanted, found }, `prices ${wanted} to ${found - 1} are gone from the bus unread: features begin anew`);
  }
}
