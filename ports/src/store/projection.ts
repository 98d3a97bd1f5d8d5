/**
 * What a journal entry means for the read models: a pure function that every adapter uses. Idempotent: events are
 * told by seq, figures without a seq by the entry that carried them, so an entry may be projected again at any time.
 */
import type {
  CommandStep,
  Decision,
  Instant,
  KnownPrice,
  MarketCandle,
  PriceBook,
  Trade,
  TradingEvent,
} from '@kairos/schema';
import { stepsOf } from '@kairos/schema';
import { PortError } from '../errors.js';
import type { AccountMark, JournalEntry, WorldNotes } from './journal.js';
import type { AccountView, ReadModelRows, StoredEquityPoint, StoredSignal, TakenCommand } from './read-models.js';

/** How far one shard is. */
export interface ShardProgress {
  readonly shard: number;
  readonly entry: number;
  readonly worldTime: Instant | null;
  readonly committedAt: Instant;
  readonly notes: WorldNotes;
}

/** What an entry says of one account. */
export interface AccountChange {
  readonly accountId: string;
  readonly entry: number;
  readonly committedAt: Instant;
  /** In order of seq. */
  readonly events: readonly TradingEvent[];
  readonly mark: AccountMark | null;
}

/** An account as stored: its view, and the entry that last changed it. */
export interface AccountRow {
  readonly view: AccountView;
  readonly entry: number;
}

/** A price book, and the entry that carried it. */
export interface PriceRow {
  readonly book: PriceBook;
  readonly shard: number;
  readonly entry: number;
}

export interface StepRow {
  readonly commandId: string;
  /** Tells the step from every other, so that it is stored once. */
  readonly key: string;
  readonly step: CommandStep;
}

/** Everything that an entry changes; each row stands once, as it is after the entry. */
export interface Changes {
  readonly progress: ShardProgress;
  readonly accounts: readonly AccountChange[];
  readonly events: readonly TradingEvent[];
  readonly trades: readonly Trade[];
  readonly decisions: readonly Decision[];
  readonly prices: readonly PriceRow[];
  readonly steps: readonly StepRow[];
  readonly candles: readonly MarketCandle[];
  readonly signals: readonly StoredSignal[];
  readonly equity: readonly StoredEquityPoint[];
  readonly commands: readonly TakenCommand[];
}

export function project(entry: JournalEntry, rows: ReadModelRows): Changes {
  const { shard, entry: number, worldTime, committedAt, notes, events } = entry;
  return {
    progress: { shard, entry: number, worldTime, committedAt, notes },
    accounts: accountChanges(entry),
    events,
    trades: collapse(events.map((event) => event.trade).filter(isThere), (trade) => trade.id, newerTrade),
    decisions: events.map((event) => event.decision).filter(isThere),
    prices: collapse(entry.prices, (book) => book.symbol, second).map((book) => ({ book, shard, entry: number })),
    steps: [...events.flatMap(stepRowsOf), ...rows.steps.map((step, index) => extraStep(entry, step, index))],
    candles: collapse(rows.candles, candleKey, newerCandle),
    signals: collapse(rows.signals, (signal) => signal.id, first),
    equity: collapse(rows.equity, (point) => `${point.accountId}:${point.time}`, second),
    commands: collapse(rows.commands, (taken) => taken.command.id, mergeTaken),
  };
}

const first = <T>(stored: T): T => stored;
const second = <T>(_: T, next: T): T => next;
const isThere = <T>(value: T | null): value is T => value !== null;

/** One row per key, in the order in which the keys came. */
function collapse<T>(rows: readonly T[], keyOf: (row: T) => string, merge: (stored: T, next: T) => T): readonly T[] {
  const byKey = new Map<string, T>();
  for (const row of rows) {
    const key = keyOf(row);
    const stored = byKey.get(key);
    byKey.set(key, stored === undefined ? row : merge(stored, row));
  }
  return byKey.size === rows.length ? rows : [...byKey.values()];
}

function accountChanges(entry: JournalEntry): AccountChange[] {
  const events = new Map<string, TradingEvent[]>();
  for (const event of entry.events) {
    const sameAccount = events.get(event.accountId);
    if (sameAccount) sameAccount.push(event);
    else events.set(event.accountId, [event]);
  }
  const marks = new Map(entry.marks.map((mark) => [mark.accountId, mark]));
  return [...new Set([...events.keys(), ...marks.keys()])].map((accountId) => ({
    accountId,
    entry: entry.entry,
    committedAt: entry.committedAt,
    events: events.get(accountId) ?? [],
    mark: marks.get(accountId) ?? null,
  }));
}

/**
 * The account after a change; null for a mark of an account that was never opened.
 *
 * @throws PortError INVALID when an account is opened without its mark.
 */
export function withAccountChange(row: AccountRow | null, change: AccountChange): AccountRow | null {
  const fresh = change.events.filter((event) => event.seq > (row?.view.account.seq ?? 0));
  const account = fresh[fresh.length - 1]?.account ?? row?.view.account;
  if (!account) return null;
  const isLater = change.entry > (row?.entry ?? 0);
  const mark = isLater && change.mark ? change.mark : row?.view.mark;
  if (!mark) {
    throw new PortError(
      'INVALID',
      `expected the mark of account ${change.accountId} in the entry that opens it, found none`,
    );
  }
  const isOpening = fresh.some((event) => event.type === 'ACCOUNT_OPENED');
  const createdAt = isOpening || !row ? change.committedAt : row.view.createdAt;
  const openTrades = fresh.reduce(withTrade, row?.view.openTrades ?? []);
  return { view: { account, openTrades, mark, createdAt }, entry: isLater ? change.entry : row!.entry };
}

/** Open trades after an event, oldest first. */
function withTrade(openTrades: readonly Trade[], event: TradingEvent): readonly Trade[] {
  const { trade } = event;
  if (!trade) return openTrades;
  const others = openTrades.filter((other) => other.id !== trade.id);
  if (trade.status === 'CLOSED') return others;
  return [...others, trade].sort((a, b) => a.openedSeq - b.openedSeq);
}

export const newerTrade = (stored: Trade, next: Trade): Trade => (next.seq > stored.seq ? next : stored);

const candleKey = (candle: MarketCandle): string => `${candle.symbol}:${candle.interval}:${candle.time}`;

/** A closed candle stays before one in progress; of two alike the one that was true later. */
export function newerCandle(stored: MarketCandle, next: MarketCandle): MarketCandle {
  if (stored.closed !== next.closed) return next.closed ? next : stored;
  return next.at >= stored.at ? next : stored;
}

/** Of one shard the later entry knows more; of two shards the one whose newest price is later. */
export function newerPrice(stored: PriceRow, next: PriceRow): PriceRow {
  if (stored.shard === next.shard) return next.entry > stored.entry ? next : stored;
  return knownAt(next.book) > knownAt(stored.book) ? next : stored;
}

function knownAt(book: PriceBook): number {
  const known: KnownPrice | null = book.newest ?? book.entry;
  return known?.at ?? 0;
}

/** A command for several accounts comes as one message per account: the first, with all their accounts. */
export function mergeTaken(stored: TakenCommand, next: TakenCommand): TakenCommand {
  const accountIds = [...new Set([...stored.accountIds, ...next.accountIds])];
  return accountIds.length === stored.accountIds.length ? stored : { command: stored.command, accountIds };
}

function stepRowsOf(event: TradingEvent): StepRow[] {
  return stepsOf(event).map((step) => ({ commandId: event.causedBy, key: `${event.id}:${step.kind}`, step }));
}

function extraStep(entry: JournalEntry, row: ReadModelRows['steps'][number], index: number): StepRow {
  const { commandId, ...step } = row;
  return { commandId, key: `entry:${entry.shard}:${entry.entry}:${index}`, step };
}

/** Of several shards the one furthest behind; null when there is none. */
export function furthestBehind(shards: readonly ShardProgress[]): ShardProgress | null {
  return shards.reduce<ShardProgress | null>(
    (behind, shard) => (behind && !isBehind(shard, behind) ? behind : shard),
    null,
  );
}

/** At one world time, a shard that still awaits signals of it, or has not heard that the feed has ended, is behind. */
function isBehind(one: ShardProgress, other: ShardProgress): boolean {
  const [time, otherTime] = [one.worldTime ?? 0, other.worldTime ?? 0];
  if (time !== otherTime) return time < otherTime;
  const [awaited, otherAwaited] = [awaitedBy(one), awaitedBy(other)];
  if (awaited !== otherAwaited) return awaited > otherAwaited;
  return one.notes.feedEndedAt === null && other.notes.feedEndedAt !== null;
}

const awaitedBy = ({ notes: { round } }: ShardProgress): number =>
  round === null || !round.isComplete ? Infinity : round.awaiting.length;
