/** Candles for tests: a seeded market with trends, ranges and jumps, and the real ones where they are. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { createSeededRandom } from '@kairos/ports/testing';
import type { Amount, Instant, Interval, MarketCandle, Price } from '@kairos/schema';
import { AMOUNT_DECIMALS, INTERVAL_MS, parseDecimal, parsePrice } from '@kairos/schema';

export interface MarketOptions {
  readonly symbol?: string;
  readonly interval?: Interval;
  readonly candles: number;
  readonly seed?: number;
  /** Open time of the first candle. */
  readonly start?: number;
}

const START = Date.UTC(2024, 0, 1);
/** Candles of one mood, and what a candle drifts and swings in each. */
const MOOD_CANDLES = 250;
const MOODS = [
  { drift: 0.0007, swing: 0.001 },
  { drift: 0, swing: 0.0006 },
  { drift: -0.0007, swing: 0.001 },
  { drift: 0, swing: 0.002 },
] as const;

/** A market whose trends last: what a predictor can learn from. */
export function trendingMarket(options: MarketOptions): MarketCandle[] {
  const { symbol = 'BTCUSDT', interval = '1m', candles, seed = 1, start = START } = options;
  const random = createSeededRandom(seed);
  const normal = () => Array.from({ length: 12 }, random).reduce((sum, each) => sum + each, -6);
  let price = 20_000;
  return Array.from({ length: candles }, (_, index) => {
    const mood = MOODS[Math.floor(index / MOOD_CANDLES) % MOODS.length]!;
    const open = price;
    price = open * Math.exp(mood.drift + mood.swing * normal());
    const high = Math.max(open, price) * (1 + 0.0002 * random());
    const low = Math.min(open, price) * (1 - 0.0002 * random());
    const figures = [open, high, low, price, 1 + 5 * random()];
    return candleOf({ symbol, interval, time: start + index * INTERVAL_MS[interval] }, figures);
  });
}

/** A closed candle of open, high, low, close and volume. */
export function candleOf(
  at: { readonly symbol: string; readonly interval: Interval; readonly time: number },
  figures: readonly number[],
): MarketCandle {
  const [open, high, low, close, volume] = figures.map((figure) => figure.toFixed(8));
  return {
    symbol: at.symbol,
    interval: at.interval,
    time: at.time as Instant,
    open: parsePrice(open),
    high: parsePrice(high),
    low: parsePrice(low),
    close: parsePrice(close),
    volume: parseDecimal(volume, AMOUNT_DECIMALS) as Amount,
    closed: true,
    at: (at.time + INTERVAL_MS[at.interval]) as Instant,
    source: 'test',
    last: true,
  };
}

/** The candle with its close moved by a share. */
export function moved(candle: MarketCandle, share: number): MarketCandle {
  const close = ((candle.close * BigInt(Math.round((1 + share) * 1e6))) / 1_000_000n) as Price;
  const high = close > candle.high ? close : candle.high;
  const low = close < candle.low ? close : candle.low;
  return { ...candle, close, high, low };
}

const DATA = fileURLToPath(new URL('../../../../../shared/data/', import.meta.url));

/** Whether the real candles are here. Where they are not, tests that need them are skipped, and fail in CI. */
export function hasRealData(): boolean {
  if (existsSync(DATA)) return true;
  if (process.env['CI']) throw new Error(`expected market data in ${DATA}, found none: CI must have it`);
  process.stderr.write(`skipped: no market data in ${DATA}\n`);
  return false;
}

/** Columns of a data file by name, gzipped or not; empty cells are NaN. */
export function readColumns(file: string): Record<string, Float64Array> {
  const bytes = readFileSync(DATA + file);
  const text = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  const [header = '', ...lines] = text.trim().split('\n');
  const rows = lines.map((line) => line.split(',').map((cell) => (cell === '' ? NaN : Number(cell))));
  return Object.fromEntries(
    header.split(',').map((name, column) => [name, Float64Array.from(rows, (row) => row[column]!)]),
  );
}

/** At most `max` real candles of a file. */
export function realCandles(file: string, at: { symbol: string; interval: Interval; max: number }): MarketCandle[] {
  const { time, open, high, low, close, volume } = readColumns(file) as Record<string, Float64Array>;
  const count = Math.min(at.max, time!.length);
  return Array.from({ length: count }, (_, i) =>
    candleOf({ ...at, time: time![i]! }, [open![i]!, high![i]!, low![i]!, close![i]!, volume![i]!]),
  );
}
