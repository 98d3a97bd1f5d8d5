/** The read models of the memory store: the projection applied to maps, the queries as plain filters. */
import type { CommandStep, Decision, Instant, MarketCandle, Trade, TradingEvent } from '@kairos/schema';
import { dayEndOf } from '@kairos/schema';
import { decodeCursor, encodeCursor } from '../cursor.js';
import { matchesCandle, matchesDecision, matchesPoint, matchesSignal, matchesTrade } from '../matching.js';
import type { Sync } from '../promised.js';
import type { AccountRow, Changes, PriceRow, ShardProgress } from '../projection.js';
import { furthestBehind, mergeTaken, newerCandle, newerPrice, newerTrade, withAccountChange } from '../projection.js';
import type { Page, PageRequest, ReadModels, StoredEquityPoint, StoredSignal, TakenCommand } from '../read-models.js';
import type { Retention } from '../retention.js';
import { dueThinning, superfluous, thin } from '../thinning.js';

/** Everything that is asked for, by key. */
interface Tables {
  readonly progress: Map<number, ShardProgress>;
  readonly accounts: Map<string, AccountRow>;
  readonly trades: Map<string, Trade>;
  readonly decisions: Map<string, Decision>;
  readonly signals: Map<string, StoredSignal>;
  readonly prices: Map<string, PriceRow>;
  readonly commands: Map<string, TakenCommand>;
  readonly events: Groups<TradingEvent>;
  readonly candles: Groups<MarketCandle>;
  readonly equity: Groups<StoredEquityPoint>;
  readonly steps: Groups<CommandStep>;
}

/** Rows by group and key. */
type Groups<T> = Map<string, Map<string | number, T>>;

export interface MemoryReadModels {
  /** Checks the changes; what it returns makes them. @throws PortError INVALID */
  prepare(changes: Changes): () => void;
  readonly queries: Omit<Sync<ReadModels>, 'version'>;
}

export function createMemoryReadModels(retention: Retention): MemoryReadModels {
  const tables: Tables = {
    progress: new Map(),
    accounts: new Map(),
    trades: new Map(),
    decisions: new Map(),
    signals: new Map(),
    prices: new Map(),
    commands: new Map(),
    events: new Map(),
    candles: new Map(),
    equity: new Map(),
    steps: new Map(),
  };
  return {
    prepare(changes) {
      const accounts = changes.accounts
        .map((change) => withAccountChange(tables.accounts.get(change.accountId) ?? null, change))
        .filter((row) => row !== null);
      return () => {
        for (const row of accounts) tables.accounts.set(row.view.account.id, row);
        applyChanges(tables, changes);
        trim(tables, changes, retention);
      };
    },
    queries: { ...bookQueries(tables), ...listQueries(tables), ...seriesQueries(tables) },
  };
}

function put<K, T>(table: Map<K, T>, key: K, row: T, merge: (stored: T, next: T) => T): void {
  const stored = table.get(key);
  table.set(key, stored === undefined ? row : merge(stored, row));
}

function groupOf<T>(groups: Groups<T>, name: string): Map<string | number, T> {
  const group = groups.get(name) ?? new Map<string | number, T>();
  groups.set(name, group);
  return group;
}

const keep = <T>(stored: T): T => stored;
const seriesOf = (candle: { symbol: string; interval: string }): string => `${candle.symbol}:${candle.interval}`;

function applyChanges(tables: Tables, changes: Changes): void {
  const { progress } = changes;
  put(tables.progress, progress.shard, progress, (stored, next) => (next.entry > stored.entry ? next : stored));
  for (const event of changes.events) put(groupOf(tables.events, event.accountId), event.seq, event, keep);
  for (const trade of changes.trades) put(tables.trades, trade.id, trade, newerTrade);
  for (const decision of changes.decisions) put(tables.decisions, decision.id, decision, keep);
  for (const row of changes.prices) put(tables.prices, row.book.symbol, row, newerPrice);
  for (const row of changes.steps) put(groupOf(tables.steps, row.commandId), row.key, row.step, keep);
  for (const candle of changes.candles)
    put(groupOf(tables.candles, seriesOf(candle)), candle.time, candle, newerCandle);
  for (const signal of changes.signals) put(tables.signals, signal.id, signal, keep);
  for (const accountId of new Set(changes.equity.map((point) => point.accountId))) {
    applyPoints(
      groupOf(tables.equity, accountId),
      changes.equity.filter((point) => point.accountId === accountId),
    );
  }
  for (const taken of changes.commands) put(tables.commands, taken.command.id, taken, mergeTaken);
}

function applyPoints(table: Map<string | number, StoredEquityPoint>, points: readonly StoredEquityPoint[]): void {
  let newest: Instant | null = null;
  for (const { time } of table.values()) if (newest === null || time > newest) newest = time;
  for (const point of points) table.set(point.time, point);
  const times = points.map(({ time }) => time);
  for (const { after, through, stretchMs } of dueThinning(newest, times)) {
    const stretches = [...table.values()].filter(({ time }) => time > after && time <= through);
    for (const { time } of superfluous(stretches.sort(byTime), stretchMs)) table.delete(time);
  }
}

const byTime = (a: StoredEquityPoint, b: StoredEquityPoint): number => a.time - b.time;
const inOrderOfTime = (points: ReadonlyMap<string | number, StoredEquityPoint>): StoredEquityPoint[] =>
  [...points.values()].sort(byTime);

function trim(tables: Tables, changes: Changes, retention: Retention): void {
  for (const name of new Set(changes.candles.map(seriesOf)))
    trimOldest(groupOf(tables.candles, name), retention.candlesMax);
  for (const name of new Set(changes.equity.map((point) => point.accountId))) {
    trimOldest(groupOf(tables.equity, name), retention.equityPointsMax);
  }
  if (tables.signals.size <= retention.signalsMax) return;
  const decided = new Set([...tables.decisions.values()].map((decision) => decision.signalId));
  const oldest = [...tables.signals.values()].sort(byTimeAndId).slice(0, -retention.signalsMax);
  for (const signal of oldest) if (!decided.has(signal.id)) tables.signals.delete(signal.id);
}

function trimOldest<T extends { readonly time: number }>(rows: Map<string | number, T>, max: number): void {
  if (rows.size <= max) return;
  const times = [...rows.keys()].sort((a, b) => Number(a) - Number(b));
  for (const time of times.slice(0, rows.size - max)) rows.delete(time);
}

function byTimeAndId(a: StoredSignal, b: StoredSignal): number {
  return a.time - b.time || (a.id < b.id ? -1 : 1);
}

/** A page of rows that are in order, newest first. */
function pageOf<T>(rows: readonly T[], page: PageRequest, cursorOf: (row: T) => string): Page<T> {
  const taken = rows.slice(0, page.first);
  return { rows: taken.map((row) => ({ cursor: cursorOf(row), row })), hasNext: rows.length > taken.length };
}

function bookQueries(tables: Tables) {
  return {
    progress() {
      const behind = furthestBehind([...tables.progress.values()]);
      if (!behind) return null;
      const { worldTime, entry, committedAt, notes } = behind;
      return { worldTime, entry, committedAt, notes };
    },
    accounts: () =>
      [...tables.accounts.values()]
        .map((row) => row.view)
        .sort((a, b) => a.createdAt - b.createdAt || (a.account.id < b.account.id ? -1 : 1)),
    account: (id) => tables.accounts.get(id)?.view ?? null,
    prices: () => [...tables.prices.values()].map((row) => row.book).sort((a, b) => (a.symbol < b.symbol ? -1 : 1)),
    events: (accountId, afterSeq, limit) =>
      [...groupOf(tables.events, accountId).values()]
        .filter((event) => event.seq > afterSeq)
        .sort((a, b) => a.seq - b.seq)
        .slice(0, limit),
    takenCommand: (id) => tables.commands.get(id) ?? null,
    steps: (commandId) => [...groupOf(tables.steps, commandId).values()],
    commandIds: (accountId, last) =>
      [...tables.commands.values()]
        .filter((taken) => accountId === null || taken.accountIds.includes(accountId))
        .map((taken) => taken.command.id)
        .reverse()
        .slice(0, last),
  } satisfies Partial<Sync<ReadModels>>;
}

function listQueries(tables: Tables) {
  const trades = (query: Parameters<ReadModels['trades']>[0]) =>
    [...tables.trades.values()].filter((trade) => matchesTrade(query, trade)).sort((a, b) => b.openedSeq - a.openedSeq);
  const decisions = (query: Parameters<ReadModels['decisions']>[0]) =>
    [...tables.decisions.values()].filter((row) => matchesDecision(query, row)).sort((a, b) => b.seq - a.seq);
  const signals = (query: Parameters<ReadModels['signals']>[0]) =>
    [...tables.signals.values()].filter((row) => matchesSignal(query, row)).sort((a, b) => byTimeAndId(b, a));

  return {
    trade: (id) => tables.trades.get(id) ?? null,
    trades(query, page) {
      const after = decodeCursor('trade', page.after);
      const rows = trades(query).filter((trade) => !after || trade.openedSeq < (after[0] as number));
      return pageOf(rows, page, (trade) => encodeCursor('trade', [trade.openedSeq]));
    },
    countTrades: (query, max) => Math.min(trades(query).length, max + 1),
    closedTrades: (accountId, afterSeq, limit) =>
      trades({ accountId, status: 'CLOSED' })
        .filter((trade) => trade.seq > afterSeq)
        .sort((a, b) => a.seq - b.seq)
        .slice(0, limit),
    decisions(query, page) {
      const after = decodeCursor('decision', page.after);
      const rows = decisions(query).filter((decision) => !after || decision.seq < (after[0] as number));
      return pageOf(rows, page, (decision) => encodeCursor('decision', [decision.seq]));
    },
    countDecisions: (query, max) => Math.min(decisions(query).length, max + 1),
    decisionsOf: (signalIds, accountIds) =>
      [...tables.decisions.values()]
        .filter((row) => signalIds.includes(row.signalId) && accountIds.includes(row.accountId))
        .sort((a, b) => (a.accountId === b.accountId ? a.seq - b.seq : a.accountId < b.accountId ? -1 : 1)),
    signals(query, page) {
      const after = decodeCursor('signal', page.after);
      const key = after && ({ time: after[0], id: after[1] } as StoredSignal);
      const rows = signals(query).filter((signal) => !key || byTimeAndId(signal, key) < 0);
      return pageOf(
        rows.filter((signal) => signal.id !== key?.id),
        page,
        (signal) => encodeCursor('signal', [signal.time, signal.id]),
      );
    },
    countSignals: (query, max) => Math.min(signals(query).length, max + 1),
    signalsById: (ids) => ids.map((id) => tables.signals.get(id)).filter((signal) => signal !== undefined),
  } satisfies Partial<Sync<ReadModels>>;
}

function seriesQueries(tables: Tables) {
  return {
    candles: (query) =>
      [...groupOf(tables.candles, seriesOf(query)).values()]
        .filter((candle) => matchesCandle(query, candle))
        .sort((a, b) => a.time - b.time)
        .slice(-query.last),
    equity(query) {
      const points = inOrderOfTime(groupOf(tables.equity, query.accountId));
      return thin(
        points.filter((point) => matchesPoint(query, point)),
        query.pointsMax,
      );
    },
    closingEquity({ accountId, after = 0, to = Number.MAX_SAFE_INTEGER, daysMax }) {
      const points = inOrderOfTime(groupOf(tables.equity, accountId));
      const within = points.filter(({ time }) => time > after && time <= to);
      const newest = new Map(within.map((point) => [dayEndOf(point.time), point]));
      return [...newest.values()].slice(0, daysMax);
    },
  } satisfies Partial<Sync<ReadModels>>;
}
