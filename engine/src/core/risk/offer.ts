/** What a signal comes to for every account alike: found out once, however many accounts it is decided for. */
import type { Instant, Instrument, Price, Rate, Signal } from '@kairos/schema';
import { divide, formatRate, isFreshMarket, isWithinBand, ONE_RATE } from '@kairos/schema';
import type { Market } from '../market.js';
import { signalFillPrice } from '../matching/fill.js';
import type { TradingRules } from '../rules.js';
import type { EngineState } from '../state.js';
import { marketOf } from '../state.js';
import type { Denial } from './denial.js';
import { denied, secondsText } from './denial.js';

/** A signal that is decided. */
export interface Taken {
  readonly signal: Signal;
  /** World time. */
  readonly now: Instant;
  readonly rules: TradingRules;
}

export interface Offer extends Taken {
  readonly market: Market;
  readonly instrument: Instrument | undefined;
  /** What a BUY fills at, before slippage. */
  readonly entryPrice: Price;
  /** What a SELL fills at, before slippage: the market's where the signal's is out of the band. */
  readonly exitPrice: Price;
  /** Why nobody may BUY: STALE or PRICE_OUT_OF_BAND; null when those who may for themselves can. */
  readonly denial: Denial | null;
}

export function offerOf(state: EngineState, taken: Taken): Offer {
  const { signal, now, rules } = taken;
  const market = marketOf(state, signal.symbol);
  const fresh = market.market !== null && isFreshMarket(market, now) ? market.market.price : null;
  const isOut = fresh !== null && !isWithinBand(signal.price, fresh, rules.priceBand);
  const fillPrice = signalFillPrice(market, signal);
  return {
    signal,
    now,
    rules,
    market,
    instrument: state.instruments.get(signal.symbol),
    entryPrice: fillPrice,
    exitPrice: isOut ? fresh : fillPrice,
    denial: stale(taken) ?? (isOut ? outOfBand(taken, fresh) : null),
  };
}

function stale({ signal, now, rules }: Taken): Denial | null {
  const ageMs = now - signal.time;
  if (ageMs <= rules.signalAgeMaxMs) return null;
  return denied('STALE', secondsText(ageMs), secondsText(rules.signalAgeMaxMs));
}

function outOfBand({ signal, rules }: Taken, market: Price): Denial {
  const distance = signal.price > market ? signal.price - market : market - signal.price;
  const observed = divide(distance * ONE_RATE, market, 'up') as Rate;
  return denied('PRICE_OUT_OF_BAND', formatRate(observed), formatRate(rules.priceBand));
}
