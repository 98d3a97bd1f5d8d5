/** What a market price does: it values positions, moves peaks, and may trigger exits. */
import type { Instant, MarketCandle } from '@kairos/schema';
import { withMarketPrice } from '@kairos/schema';
import { closing } from '../matching/close.js';
import { trackDrawdown } from '../position/drawdown.js';
import { exitAt, trackPeak } from '../position/exits.js';
import type { Recorder } from '../recorder.js';
import type { AccountState, EngineState } from '../state.js';
import { bookOf } from '../state.js';

/**
 * Takes one market price: its `close`. A price older than the newest one known changes nothing. True when holders are
 * left for the next step: the same price again finds those that are done as it left them.
 */
export function onPrice(state: EngineState, recorder: Recorder, candle: MarketCandle, now: Instant): boolean {
  const book = bookOf(state, candle.symbol);
  const changed = withMarketPrice(book, { price: candle.close, at: candle.at });
  if (changed === book) return false;
  recorder.setBook(changed);
  const holders = state.holders.get(candle.symbol);
  if (!holders || holders.size === 0) return false;
  for (const account of [...holders]) {
    if (recorder.isFull()) return true;
    priceHolder(state, recorder, { account, candle, now });
  }
  return false;
}

function priceHolder(
  state: EngineState,
  recorder: Recorder,
  { account, candle, now }: { account: AccountState; candle: MarketCandle; now: Instant },
): void {
  const trade = account.openTrades.get(candle.symbol);
  if (!trade) return;
  const isPeak = trackPeak(account, trade, candle.close);
  const isTracked = trackDrawdown(state, account);
  if (isPeak || isTracked) recorder.markChanged(account);
  const reason = exitAt(account, trade, candle.close);
  if (!reason) return;
  recorder.record({
    ...closing(account, { trade, price: candle.close, reason, now }),
    causedBy: trade.entrySignalId,
    price: { source: 'MARKET', ageMs: Math.max(0, now - candle.at) },
  });
}
