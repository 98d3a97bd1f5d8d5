/**
 * The equity history of a lock-step world, made anew from what is never lost: journal and closed candles. Written
 * without the core, so that it proves what the trader stores.
 */
import type { JournalEntry, StoredEquityPoint } from '@kairos/ports';
import type { Account, Instant, MarketCandle, Price, Trade, TradingEvent } from '@kairos/schema';
import { plus, revenueOf } from '@kairos/schema';

interface Holder {
  account: Account;
  readonly openTrades: Map<string, Trade>;
}

/**
 * A point per account and time: where it was opened or traded, and where candles closed while it held anything; as it
 * stood after everything of that time. In order of time.
 */
export function rebuildEquity(
  entries: readonly Pick<JournalEntry, 'events'>[],
  candles: readonly MarketCandle[],
): readonly StoredEquityPoint[] {
  const events = byTime(
    entries.flatMap((entry) => entry.events),
    ({ time }) => time,
  );
  const closes = byTime(
    candles.filter(({ closed }) => closed),
    ({ at }) => at,
  );
  const holders = new Map<string, Holder>();
  const prices = new Map<string, Price>();
  const points: StoredEquityPoint[] = [];
  for (const time of [...new Set([...events.keys(), ...closes.keys()])].sort((a, b) => a - b)) {
    for (const { symbol, close } of closes.get(time) ?? []) prices.set(symbol, close);
    const moved = new Set((events.get(time) ?? []).map((event) => apply(holders, event)).filter((id) => id !== null));
    for (const [accountId, holder] of holders) {
      const isPriced = closes.has(time) && holder.openTrades.size > 0;
      if (isPriced || moved.has(accountId)) points.push(pointOf(holder, time, prices));
    }
  }
  return points;
}

function byTime<T>(rows: readonly T[], timeOf: (row: T) => Instant): Map<Instant, T[]> {
  const groups = new Map<Instant, T[]>();
  for (const row of rows) groups.set(timeOf(row), [...(groups.get(timeOf(row)) ?? []), row]);
  return groups;
}

/** The account's id where the event opened it or moved its books. */
function apply(holders: Map<string, Holder>, { type, accountId, account, trade }: TradingEvent): string | null {
  const holder = holders.get(accountId) ?? { account, openTrades: new Map<string, Trade>() };
  holders.set(accountId, holder);
  holder.account = account;
  if (trade?.status === 'OPEN') holder.openTrades.set(trade.symbol, trade);
  else if (trade) holder.openTrades.delete(trade.symbol);
  return trade || type === 'ACCOUNT_OPENED' ? accountId : null;
}

function pointOf(
  { account, openTrades }: Holder,
  time: Instant,
  prices: ReadonlyMap<string, Price>,
): StoredEquityPoint {
  let equity = account.cash;
  for (const { symbol, amount, entryPrice } of openTrades.values()) {
    equity = plus(equity, revenueOf(amount, prices.get(symbol) ?? entryPrice));
  }
  return { accountId: account.id, time, equity, balance: account.balance };
}
