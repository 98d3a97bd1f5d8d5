/** Why nothing would be opened now: the engine's entry rules that need no signal, told ahead. */
import type { AccountView } from '@kairos/ports';
import type { DenialReason, Instant } from '@kairos/schema';
import { addMs, amountFor, DAY_MS, ONE_RATE, SECOND_MS, spendOf } from '@kairos/schema';
import type { PriceBooks, Valuation } from './valuation.js';

/** `symbol` null = for every symbol; `until` in world time, null where it is not known. */
export interface EntryBlock {
  readonly symbol: string | null;
  readonly reason: DenialReason;
  readonly until: Instant | null;
}

export interface EntrySituation {
  readonly view: AccountView;
  readonly valuation: Valuation;
  readonly books: PriceBooks;
  /** World time. */
  readonly now: Instant;
}

const block = (reason: DenialReason, symbol: string | null = null, until: Instant | null = null): EntryBlock => ({
  symbol,
  reason,
  until,
});

/** In the order of the denial reasons. */
export const entryBlocksOf = (situation: EntrySituation): readonly EntryBlock[] => [
  ...byStatus(situation),
  ...byPosition(situation),
  ...byCooldown(situation),
  ...byOpenPositions(situation),
  ...byDailyLoss(situation),
  ...byDrawdown(situation),
  ...byFunds(situation),
];

function byStatus({ view }: EntrySituation): EntryBlock[] {
  const { status } = view.account;
  if (status === 'STOPPED' || status === 'STOPPING') return [block('TRADING_STOPPED')];
  return status === 'PAUSED' ? [block('TRADING_PAUSED')] : [];
}

const byPosition = ({ valuation }: EntrySituation): EntryBlock[] =>
  valuation.positions.map(({ trade }) => block('ALREADY_IN_POSITION', trade.symbol));

function byCooldown({ view, now }: EntrySituation): EntryBlock[] {
  const cooldownMs = view.account.settings.cooldownSeconds * SECOND_MS;
  return Object.entries(view.mark.lastLossAt)
    .filter(([, lossAt]) => now - lossAt < cooldownMs)
    .map(([symbol, lossAt]) => block('COOLDOWN', symbol, addMs(lossAt, cooldownMs)));
}

function byOpenPositions({ view }: EntrySituation): EntryBlock[] {
  return view.openTrades.length >= view.account.settings.maxOpenPositions ? [block('MAX_OPEN_POSITIONS')] : [];
}

function byDailyLoss({ view, now }: EntrySituation): EntryBlock[] {
  const { mark } = view;
  const limit = view.account.settings.dailyLossLimit;
  const until = addMs(mark.dayStart, DAY_MS);
  if (limit === null || now >= until) return [];
  return -mark.dayRealizedPnl * ONE_RATE > mark.dayOpeningEquity * limit
    ? [block('DAILY_LOSS_LIMIT', null, until)]
    : [];
}

function byDrawdown({ view, valuation }: EntrySituation): EntryBlock[] {
  const limit = view.account.settings.maxDrawdown;
  const { peakEquity } = view.mark;
  if (limit === null) return [];
  return (peakEquity - valuation.equity) * ONE_RATE >= peakEquity * limit ? [block('DRAWDOWN_LIMIT')] : [];
}

/** Cash that buys nothing at all, or not the smallest amount of a symbol. */
function byFunds({ view, books }: EntrySituation): EntryBlock[] {
  const { cash, settings } = view.account;
  const spend = spendOf(cash, settings.riskPerTrade, settings.commission);
  if (spend <= 0n) return [block('INSUFFICIENT_FUNDS')];
  return settings.symbols
    .filter((symbol) => {
      const price = books.get(symbol)?.newest?.price;
      return price !== undefined && amountFor(spend, price) === 0n;
    })
    .map((symbol) => block('INSUFFICIENT_FUNDS', symbol));
}
