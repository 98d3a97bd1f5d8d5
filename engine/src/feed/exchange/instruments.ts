/** Markets of ccxt to the house's instruments. */
import type { Instrument, Money } from '@kairos/schema';
import { AMOUNT_DECIMALS, MONEY_DECIMALS, parseDecimal } from '@kairos/schema';
import type { CcxtMarket } from './load.js';
import { ExchangeConfigError } from '../errors.js';

/** The spot market that a symbol such as BTCUSDT means; one that trades goes before one that does not. */
export function findMarket(markets: readonly CcxtMarket[], symbol: string): CcxtMarket {
  const named = markets.filter((market) => market.spot !== false && `${market.base}${market.quote}` === symbol);
  const found = named.find((market) => market.active !== false) ?? named[0];
  if (!found) {
    const advice = 'name symbols of spot markets as base and quote without a sign between them, such as BTCUSDT';
    throw new ExchangeConfigError(`expected SYMBOLS that the exchange trades, found ${symbol}; ${advice}`);
  }
  return found;
}

export function toInstrument(symbol: string, market: CcxtMarket, precisionMode: number): Instrument {
  const { base, quote, precision, limits } = market;
  return {
    symbol,
    base,
    quote,
    priceDecimals: decimalsOf(precision?.price, PRICE_DECIMALS_SHOWN, precisionMode),
    amountDecimals: decimalsOf(precision?.amount, AMOUNT_DECIMALS, precisionMode),
    minOrderValue: limits?.cost?.min ? minimumOf(limits.cost.min) : null,
  };
}

/** Decimals that prices are shown with at the most, and where nobody says how many. */
const PRICE_DECIMALS_SHOWN = 8;

/** ccxt's name for precisions that are steps such as 0.01; all others are counts of decimals. */
const TICK_SIZE = 4;

function decimalsOf(precision: number | undefined, max: number, precisionMode: number): number {
  if (precision === undefined || !Number.isFinite(precision) || precision < 0) return max;
  return Math.min(max, precisionMode === TICK_SIZE ? decimalsOfStep(precision) : Math.round(precision));
}

/** 0.01 has two, 1e-8 eight, 1 and 10 none. */
function decimalsOfStep(step: number): number {
  const [digits, exponent = '0'] = String(step).split('e');
  const fraction = digits!.split('.')[1]?.length ?? 0;
  return Math.max(0, fraction - Number(exponent));
}

const minimumOf = (cost: number): Money => parseDecimal(cost, MONEY_DECIMALS, 'halfEven') as Money;
