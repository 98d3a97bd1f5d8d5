/** `recovered`: what a new owner loads, as it would write it down at once, is what the auditor knows. */
import type { EngineState } from '../../core/state.js';
import { writeSnapshot } from '../../core/snapshot.js';
import type { Auditor } from '../audit/auditor.js';
import type { Books } from '../audit/books.js';
import { cashOf } from '../audit/books.js';
import { units } from '../audit/figures.js';
import { holds } from '../violation.js';

/** The part of a snapshot that is looked at. */
interface Snapshot {
  readonly accounts: readonly {
    readonly account: { id: string; status: string; seq: number; cash: string; settings: { minConfidence: number } };
    readonly openTrades: readonly { id: string; amount: string; cost: string; entryPrice: string }[];
    readonly obeyed: readonly string[];
    readonly mark: {
      readonly dayStart: number;
      readonly dayOpeningEquity: string;
      readonly dayRealizedPnl: string;
      readonly peakEquity: string;
      readonly openedByCommandAt: number;
      readonly resumedByCommandAt: number | null;
      readonly stoppedByCommandAt: number | null;
      readonly peakPrices: Readonly<Record<string, string>>;
      readonly lastLossAt: Readonly<Record<string, number>>;
    };
  }[];
  readonly books: readonly {
    readonly symbol: string;
    readonly newest: { price: string; at: number } | null;
    readonly entry: unknown;
  }[];
}

/** A loaded state as text, to be compared once its owner has been let in. */
export function stateText(state: EngineState): string {
  const { accounts, books } = JSON.parse(writeSnapshot(state)) as Snapshot;
  const prices = books
    .filter(({ newest, entry }) => newest || entry)
    .map(({ symbol, newest }) => [symbol, newest && units(newest.price), newest?.at].join(','));
  return [...accounts.map(loadedText), ...prices.sort()].join('\n');
}

function loadedText({ account, openTrades, obeyed, mark }: Snapshot['accounts'][number]): string {
  const trades = openTrades.map(({ id, amount, cost, entryPrice }) =>
    [id, units(amount), units(cost), units(mark.peakPrices[id] ?? entryPrice)].join(','),
  );
  return [
    account.id,
    account.status,
    account.seq,
    units(account.cash),
    account.settings.minConfidence,
    mark.dayStart,
    units(mark.dayOpeningEquity),
    units(mark.dayRealizedPnl),
    units(mark.peakEquity),
    mark.openedByCommandAt,
    mark.resumedByCommandAt,
    mark.stoppedByCommandAt,
    trades.sort().join(' '),
    Object.entries(mark.lastLossAt).map(String).sort().join(' '),
    [...obeyed].sort().join(' '),
  ].join('|');
}

/** What the auditor would have loaded. */
function auditedText({ accounts, prices }: Auditor): string {
  const known = [...prices.all()].filter(([, { newest, entry }]) => newest || entry);
  const lines = known.map(([symbol, { newest }]) => [symbol, newest?.price, newest?.at].join(','));
  return [...[...accounts.values()].map(accountText), ...lines.sort()].join('\n');
}

function accountText(books: Books): string {
  const trades = [...books.open.values()].map(({ tradeId, amount, cost, peak }) =>
    [tradeId, amount, cost, peak].join(','),
  );
  return [
    books.id,
    books.status,
    books.seq,
    cashOf(books),
    books.settings.minConfidence,
    books.dayStart,
    books.dayOpeningEquity,
    books.dayPnl,
    books.peakEquity,
    books.openedAt,
    books.resumedAt,
    books.stoppedAt,
    trades.sort().join(' '),
    [...books.lastLossAt].map(String).sort().join(' '),
    [...books.heard].sort().join(' '),
  ].join('|');
}

/** @throws Violation */
export function checkRecovered(loaded: string, auditor: Auditor): void {
  const expected = auditedText(auditor);
  holds(loaded === expected, 'recovered', () => [expected, loaded]);
}
