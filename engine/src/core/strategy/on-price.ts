/** What a market price does: it values positions, moves peaks, and may trigger exits. */
import type { Instant, MarketCandle, Trade } from '@kairos/schema';
import { withMarketPrice } from '@kairos/schema';
import { closing } from '../matching/close.js';
import { exitRefusal, stopFailed } from '../order/closings.js';
import { trackDrawdown } from '../position/drawdown.js';
import { exitAt, trackPeak } from '../position/exits.js';
import type { Recorder } from '../recorder.js';
import type { TradingRules } from '../rules.js';
import type { AccountState, EngineState } from '../state.js';
import { bookOf } from '../state.js';

/** A market price that is taken. */
export interface PriceTaken {
  readonly candle: MarketCandle;
  /** World time. */
  readonly now: Instant;
  readonly wall: Instant;
  readonly rules: TradingRules;
}

/**
 * Takes one market price: its `close`. A price older than the newest one known changes nothing. True when holders are
 * left for the next step: the same price again finds those that are done as it left them.
 */
export function onPrice(state: EngineState, recorder: Recorder, taken: PriceTaken): boolean {
  const { candle } = taken;
  const book = bookOf(state, candle.symbol);
  const changed = withMarketPrice(book, { price: candle.close, at: candle.at });
  if (changed === book) return false;
  recorder.setBook(changed);
  const holders = state.holders.get(candle.symbol);
  if (!holders || holders.size === 0) return false;
  for (const account of [...holders]) {
    if (recorder.isFull()) return true;
    priceHolder(state, recorder, { ...taken, account });
  }
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
