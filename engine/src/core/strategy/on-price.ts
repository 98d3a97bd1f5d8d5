/** What a market price does: it values positions, moves peaks, and may trigger exits. */
import type { Instant, MarketCandle, Trade } from '@kairos/schema';
import type { Market } from '../market.js';
import { NO_PRICE_ABOVE, NO_PRICE_BELOW, setMarketPrice, wake } from '../market.js';
import { closing } from '../matching/close.js';
import { exitRefusal, stopFailed } from '../order/closings.js';
import { trackDrawdown } from '../position/drawdown.js';
import { exitAt, trackPeak } from '../position/exits.js';
import { settle } from '../position/quiet.js';
import type { Recorder } from '../recorder.js';
import type { TradingRules } from '../rules.js';
import type { AccountState, EngineState } from '../state.js';
import { marketOf } from '../state.js';

/** A market price that is taken. */
export interface PriceTaken {
  readonly candle: MarketCandle;
  /** World time. */
  readonly now: Instant;
  readonly wall: Instant;
  readonly rules: TradingRules;
}

/**
 * Takes one market price: its `close`. A price older than the newest one known changes nothing. The market when some of
 * its holders have to be looked at; null when the price concerns nobody.
 */
export function onPrice(state: EngineState, recorder: Recorder, candle: MarketCandle): Market | null {
  const market = marketOf(state, candle.symbol);
  if (!setMarketPrice(market, candle)) return null;
  recorder.priceChanged(market);
  const isQuiet = market.holders.size === 0 || (candle.close > market.quietLow && candle.close < market.quietHigh);
  return isQuiet ? null : market;
}

/**
 * Looks at the holders whose bounds the price has left, and finds the bounds of all of them. True when holders are left
 * for the next step: the same price again finds those that are done as it left them.
 */
export function priceHolders(
  state: EngineState,
  recorder: Recorder,
  { market, taken }: { readonly market: Market; readonly taken: PriceTaken },
): boolean {
  const { close } = taken.candle;
  let low = NO_PRICE_BELOW;
  let high = NO_PRICE_ABOVE;
  wake(market);
  for (const holding of market.holders.values()) {
    if (close <= holding.low || close >= holding.high) {
      if (recorder.isFull()) return true;
      priceHolder(state, recorder, { ...taken, account: holding.account });
      if (!market.holders.has(holding.account)) continue;
      settle(state, holding.account);
    }
    if (holding.low > low) low = holding.low;
    if (holding.high < high) high = holding.high;
  }
  market.quietLow = low;
  market.quietHigh = high;
  return false;
}

function priceHolder(
  state: EngineState,
  recorder: Recorder,
  { account, ...taken }: PriceTaken & { readonly account: AccountState },
): void {
  const { candle, now, rules } = taken;
  const trade = account.openTrades.get(candle.symbol);
  if (!trade) return;
  const isPeak = trackPeak(account, trade, candle.close);
  const isTracked = trackDrawdown(state, account);
  if (isPeak || isTracked) recorder.markChanged(account);
  const reason = isBeingClosed(account, trade) ? null : exitAt(account, trade, candle.close);
  if (!reason) return;
  const error = exitRefusal(rules, { account, trade }, now);
  if (error !== null) {
    stopFailed({ state, recorder, ...taken }, { account, trade }, { reason, error });
    return;
  }
  recorder.record({
    ...closing(account, { trade, price: candle.close, reason, now }),
    causedBy: trade.entrySignalId,
    price: { source: 'MARKET', ageMs: Math.max(0, now - candle.at) },
  });
}

/** A panic, or an order that was refused so far: a position has one closing order at a time. */
const isBeingClosed = ({ account, closings }: AccountState, trade: Trade): boolean =>
  account.status === 'STOPPING' || closings.has(trade.id);
