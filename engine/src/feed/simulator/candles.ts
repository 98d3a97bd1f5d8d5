/** The simulated market: all symbols' candles, one interval at a time, made exact at each instrument's tick. */
import type { Amount, Candle, Instant, Interval, Price } from '@kairos/schema';
import { AMOUNT_DECIMALS, DAY_MS, INTERVAL_MS, MINUTE_MS, powerOfTen, PRICE_DECIMALS } from '@kairos/schema';
import { compareSymbols } from '../lock-step/source.js';
import type { Path, PathState, PathStep } from './path.js';
import { createPath, startPath } from './path.js';
import type { Profile } from './profiles.js';
import { profileOf } from './profiles.js';

/** What a simulated world is made from: kept from its first start on. */
export interface Genesis {
  /** 0 to 2^32 - 1. */
  readonly seed: number;
  /** Open time of the first candle. */
  readonly startsAt: Instant;
  readonly interval: Interval;
}

/** The market after `candles` candles of each symbol; plain JSON. */
export interface MarketState {
  readonly candles: number;
  readonly lead: PathState;
  readonly symbols: Readonly<Record<string, PathState>>;
}

export interface Market {
  /** The next candle of every symbol, in order of symbol. */
  step(): Candle[];
  /** Moves on by so many candles without making them. */
  skip(count: number): void;
  state(): MarketState;
}

const LEAD_LABEL = 'market';
const LEAD_MINUTE_VOLATILITY = 0.001;
/** A longer candle moves as the root of its length, up to this: a day is no 38 minutes' worth of a crash. */
const LENGTH_FACTOR_MAX = 25;

/** The market before its first candle. A symbol's path does not depend on which others there are. */
export function startMarket(seed: number, symbols: readonly string[]): MarketState {
  const paths = symbols.map((symbol) => [symbol, startPath(seed, `symbol:${symbol}`)] as const);
  return { candles: 0, lead: startPath(seed, LEAD_LABEL), symbols: Object.fromEntries(paths) };
}

export function createMarket(genesis: Genesis, from: MarketState): Market {
  const lengthMs = INTERVAL_MS[genesis.interval];
  const lengthFactor = Math.min(LENGTH_FACTOR_MAX, Math.sqrt(lengthMs / MINUTE_MS));
  const lead = createPath(from.lead, { minuteSigma: LEAD_MINUTE_VOLATILITY, lengthFactor });
  const symbols = Object.entries(from.symbols)
    .sort(([a], [b]) => compareSymbols(a, b))
    .map(([symbol, state]) => {
      const profile = profileOf(symbol);
      return { symbol, profile, path: createPath(state, { minuteSigma: profile.minuteVolatility, lengthFactor }) };
    });
  let candles = from.candles;
  return {
    step() {
      const time = (genesis.startsAt + candles * lengthMs) as Instant;
      const leading = lead.step(null);
      candles++;
      return symbols.map(({ symbol, profile, path }) => ({
        symbol,
        interval: genesis.interval,
        time,
        ...pricesOf(path.step(leading), profile, { time, lengthMs }),
        closed: true,
      }));
    },
    skip(count) {
      for (let i = 0; i < count; i++) {
        const leading = lead.step(null);
        for (const { path } of symbols) path.step(leading);
      }
      candles += count;
    },
    state: () => ({ candles, lead: lead.state(), symbols: statesOf(symbols) }),
  };
}

const statesOf = (symbols: readonly { symbol: string; path: Path }[]): Record<string, PathState> =>
  Object.fromEntries(symbols.map(({ symbol, path }) => [symbol, path.state()]));

/** Prices in whole ticks, at least one; the volume in the steps that the coin is counted in. */
function pricesOf(step: PathStep, profile: Profile, candle: { time: Instant; lengthMs: number }) {
  const ticksPerUnit = 10 ** profile.priceDecimals;
  const ticksAt = (level: number) => Math.max(1, Math.round(profile.price * Math.exp(level) * ticksPerUnit));
  const open = ticksAt(step.from);
  const close = ticksAt(step.to);
  const high = Math.max(open, close, ticksAt(Math.max(step.from, step.to) + step.reachUp));
  const low = Math.min(open, close, ticksAt(Math.min(step.from, step.to) - step.reachDown));
  const scale = powerOfTen(PRICE_DECIMALS - profile.priceDecimals);
  const priceOf = (ticks: number) => (BigInt(ticks) * scale) as Price;
  return {
    open: priceOf(open),
    high: priceOf(high),
    low: priceOf(low),
    close: priceOf(close),
    volume: volumeOf(step, profile, candle),
  };
}

function volumeOf(step: PathStep, profile: Profile, { time, lengthMs }: { time: Instant; lengthMs: number }): Amount {
  const perMinute = profile.minuteTurnover / (profile.price * Math.exp(step.to));
  const amount = perMinute * (lengthMs / MINUTE_MS) * step.activity * dayShape(time);
  const steps = Math.max(1, Math.round(amount * 10 ** profile.amountDecimals));
  return (BigInt(steps) * powerOfTen(AMOUNT_DECIMALS - profile.amountDecimals)) as Amount;
}

/** More is traded in the afternoon (UTC) than at night: 0.6 to 1.4. */
const dayShape = (time: Instant): number => 1 + 0.4 * Math.sin(2 * Math.PI * ((time % DAY_MS) / DAY_MS - 0.4));
