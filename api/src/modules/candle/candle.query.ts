/** Candles: read model to GraphQL. */
import type { Candle, Instant } from '@kairos/schema';
import { CANDLES_MAX, formatAmount, formatPrice } from '@kairos/schema';
import type { ApiContext } from '../../context.js';
import { requireViewer } from '../../graphql/guards.js';
import type { Optional } from '../arguments.js';
import { given, intervalOf, symbolOf, wholeWithin } from '../arguments.js';
import type { CandleType } from './candle.type.js';

export const INTERVAL_DEFAULT = '1m';
const CANDLES_DEFAULT = 500;

export interface CandlesArguments {
  readonly symbol: string;
  readonly interval: Optional<string>;
  readonly from: Optional<Instant>;
  readonly before: Optional<Instant>;
  readonly last: Optional<number>;
}

/** The newest `last` of them, oldest first. @throws BadInputError */
export async function candlesOf(context: ApiContext, args: CandlesArguments): Promise<CandleType[]> {
  requireViewer(context);
  const candles = await context.deps.store.readModels.candles({
    symbol: symbolOf(args.symbol),
    interval: intervalOf(args.interval ?? INTERVAL_DEFAULT),
    last: wholeWithin('last', args.last, { max: CANDLES_MAX, fallback: CANDLES_DEFAULT }),
    ...given({ from: args.from, before: args.before }),
  });
  return candles.map(toCandle);
}

export const toCandle = (candle: Candle): CandleType => ({
  symbol: candle.symbol,
  interval: candle.interval,
  time: candle.time,
  open: formatPrice(candle.open),
  high: formatPrice(candle.high),
  low: formatPrice(candle.low),
  close: formatPrice(candle.close),
  volume: formatAmount(candle.volume),
  closed: candle.closed,
});
