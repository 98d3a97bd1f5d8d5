/** Whether an event is the one that the auditor expects, to the last digit. */
import type { Instant, TradingEvent } from '@kairos/schema';
import type { RuleName } from '../rules.js';
import { holds } from '../violation.js';
import type { Books, Position } from './books.js';
import { cashOf, openFeesOf } from './books.js';
import type { Expected } from './expected.js';
import { widen } from './figures.js';

type Fields = Readonly<Record<string, unknown>>;

/** @throws Violation of the rule `course`, `decision`, `figures`, `account` or `price-source`. */
export function compareEvent(event: TradingEvent, expected: Expected, books: Books, now: Instant): void {
  const where = `${event.id} ${event.type}`;
  same(
    'course',
    where,
    { type: event.type, causedBy: event.causedBy, time: event.time },
    {
      type: expected.type,
      causedBy: expected.causedBy,
      time: now,
    },
  );
  compareDecision(event, expected);
  same('course', where, { refusal: event.step?.refusal ?? null }, { refusal: expected.refusal ?? null });
  same('course', where, { error: errorOf(event) }, { error: expected.error ?? null });
  compareTrade(event, expected);
  same(
    'price-source',
    where,
    { source: event.priceSource, ageMs: event.priceAgeMs },
    { source: expected.priced?.source ?? null, ageMs: expected.priced?.ageMs ?? null },
  );
  compareAccount(event, books);
}

/** Why a position was not closed: in the step of the command that wanted it, or beside an order that none did. */
const errorOf = ({ type, step, error }: TradingEvent): string | null =>
  type === 'CLOSE_FAILED' && step ? step.error : error;

function compareDecision(event: TradingEvent, { isDecision, denial, opened }: Expected): void {
  const { decision } = event;
  if (!isDecision) {
    holds(decision === null, 'decision', () => ['no decision', `${event.id} with one`]);
    return;
  }
  const outcome = denial ? 'DENIED' : opened ? 'OPENED' : 'CLOSED';
  same(
    'decision',
    `${event.id} of ${event.causedBy}`,
    { outcome: decision?.outcome, reason: decision?.reason, seq: decision?.seq, signalId: decision?.signalId },
    { outcome, reason: denial ?? null, seq: event.seq, signalId: event.causedBy },
  );
}

function compareTrade(event: TradingEvent, { opened, closed }: Expected): void {
  const { trade } = event;
  if (event.type === 'CLOSE_FAILED') return;
  if (!opened && !closed) {
    holds(trade === null, 'figures', () => ['no trade', `${event.id} with one`]);
    return;
  }
  const found = trade as Fields | null;
  same('figures', event.id, found ?? {}, {
    status: opened ? 'OPEN' : 'CLOSED',
    seq: event.seq,
    ...(opened ? entryFields(opened) : {}),
    ...(closed ? { ...entryFields(closed.position), ...exitFields(closed) } : {}),
  });
}

/** 8 decimals are written where the auditor keeps 12. */
const narrow = (value: bigint): bigint => value / widen(1n);

const entryFields = (position: Position): Fields => ({
  id: position.tradeId,
  symbol: position.symbol,
  entrySignalId: position.cause,
  entryTime: position.entryTime,
  entryPrice: position.entryPrice,
  amount: narrow(position.amount),
  cost: narrow(position.cost),
  entryFee: narrow(position.entryFee),
  stopLossPrice: position.stopLossPrice,
  takeProfitPrice: position.takeProfitPrice,
});

const exitFields = (closed: NonNullable<Expected['closed']>): Fields => ({
  exitReason: closed.reason,
  exitPrice: closed.exitPrice,
  revenue: narrow(closed.revenue),
  exitFee: narrow(closed.exitFee),
  pnl: narrow(closed.pnl),
});

function compareAccount({ id, account, seq }: TradingEvent, books: Books): void {
  same('account', id, account as unknown as Fields, {
    id: books.id,
    seq,
    status: books.status,
    initialBalance: narrow(books.initial),
    cash: narrow(cashOf(books)),
    balance: narrow(books.initial + books.pnl),
    realizedPnl: narrow(books.pnl),
    openEntryFees: narrow(openFeesOf(books)),
    feesPaid: narrow(books.fees),
    openTrades: books.open.size,
    closedTrades: books.closed,
    wins: books.wins,
    losses: books.losses,
  });
}

function same(rule: RuleName, where: string, found: Fields, expected: Fields): void {
  for (const name in expected) {
    const value = expected[name];
    if (found[name] === value) continue;
    holds(false, rule, () => [`${where} with ${name} ${String(value)}`, String(found[name])]);
  }
}
