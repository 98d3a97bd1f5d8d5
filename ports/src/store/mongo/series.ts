/**
 * Candles, signals and equity points: stored in bulk, counted by the one who stores them, and the oldest removed beyond
 * their limits. Counts are looked up in the database only once in a while, as other processes may add rows too.
 */
import type { MarketCandle } from '@kairos/schema';
import type { Changes } from '../projection.js';
import { newerCandle } from '../projection.js';
import type { Retention } from '../retention.js';
import { TRIM_ROWS_MAX } from '../retention.js';
import type { StoredDocument } from './documents.js';
import { candleBson, SIGNAL_ROW } from './documents.js';
import { createPoints } from './points.js';
import type { RowCount } from './row-count.js';
import { createCount, trimOldest } from './row-count.js';
import type { Write } from './tables.js';
import type { WorldTables } from './world-tables.js';

export interface Series {
  write(batch: readonly Changes[]): Promise<void>;
  /** Removes what is beyond the limits of the series that the entries added to. */
  trim(batch: readonly Changes[]): Promise<void>;
}

export interface SeriesDeps {
  readonly tables: WorldTables;
  readonly retention: Retention;
}

export function createSeries({ tables, retention }: SeriesDeps): Series {
  const { marketData, equity, mlSignals } = tables;
  const counts = new Map<string, RowCount>();
  const countOf = (name: string, max: number): RowCount => {
    const count = counts.get(name) ?? createCount(max);
    counts.set(name, count);
    return count;
  };
  const candleCount = ({ symbol, interval }: MarketCandle) =>
    countOf(`candles ${symbol} ${interval}`, retention.candlesMax);
  const signalCount = createCount(retention.signalsMax);
  const trimSignals = createSignalTrimmer(tables, signalCount);

  const writeCandles = async (batch: readonly Changes[]): Promise<void> => {
    const candles = new Map<string, MarketCandle>();
    for (const candle of batch.flatMap((changes) => changes.candles)) {
      const stored = candles.get(candleId(candle));
      candles.set(candleId(candle), stored ? newerCandle(stored, candle) : candle);
    }
    const known = await marketData.insertNew([...candles.values()].map(candleDocument));
    await marketData.write(known.map(candleWrite));
    const isKnown = new Set(known.map(({ _id }) => _id));
    for (const [id, candle] of candles) if (!isKnown.has(id)) candleCount(candle).add(1);
  };

  const points = createPoints(equity, (accountId) => countOf(`equity ${accountId}`, retention.equityPointsMax));

  const writeSignals = async (batch: readonly Changes[]): Promise<void> => {
    const signals = batch.flatMap((changes) => changes.signals);
    const known = await mlSignals.insertNew(signals.map(SIGNAL_ROW.write));
    signalCount.add(signals.length - known.length);
  };

  return {
    async write(batch) {
      await Promise.all([writeCandles(batch), points.write(batch), writeSignals(batch)]);
    },
    async trim(batch) {
      const candles = new Map(batch.flatMap((changes) => changes.candles).map((row) => [seriesOf(row), row]));
      for (const candle of candles.values()) {
        const { symbol, interval } = candle;
        await trimOldest({ table: marketData, key: { symbol, interval }, count: candleCount(candle) });
      }
      await points.trim(batch);
      await trimSignals();
    },
  };
}

const seriesOf = ({ symbol, interval }: MarketCandle): string => `${symbol}:${interval}`;
const candleId = (candle: MarketCandle): string => `${seriesOf(candle)}:${candle.time}`;

const candleDocument = (candle: MarketCandle): StoredDocument => ({
  _id: candleId(candle),
  ...candleBson.write(candle),
});

/** As `newerCandle`: a closed candle stays before one in progress; of two alike the one that was true later. */
function candleWrite({ _id, ...replacement }: StoredDocument): Write {
  const closed = replacement['closed'] === true;
  const isAlike = { closed, at: { $lte: replacement['at'] } };
  const isOlder = closed ? { $or: [{ closed: false }, isAlike] } : isAlike;
  return { replaceOne: { filter: { _id, ...isOlder }, replacement } };
}

/** Removes the oldest signals; those that a decision names stay, and are not looked at again by this process. */
function createSignalTrimmer({ mlSignals, decisions }: WorldTables, count: RowCount): () => Promise<void> {
  let beyond: object = {};
  return async () => {
    const excess = await count.excess((max) => mlSignals.count({ filter: { ...beyond } }, max));
    if (excess <= 0) return;
    const oldest = await mlSignals.find({
      filter: { ...beyond },
      sort: { time: 1, _id: 1 },
      limit: Math.min(excess, TRIM_ROWS_MAX),
      projection: { time: 1 },
    });
    const last = oldest.at(-1);
    if (!last) return;
    const ids = oldest.map(({ _id }) => _id);
    const deciding = await decisions.find({
      filter: { signalId: { $in: ids } },
      projection: { _id: 0, signalId: 1 },
      hint: 'decisions_of_signal',
    });
    const decided = new Set(deciding.map(({ signalId }) => signalId));
    await mlSignals.deleteMany({ _id: { $in: ids.filter((id) => !decided.has(id)) } });
    count.add(-oldest.length);
    beyond = { time: { $gte: last['time'] }, $or: [{ time: { $gt: last['time'] } }, { _id: { $gt: last._id } }] };
  };
}
