/** Pages, counts and look-ups of trades, decisions and signals. */
import type { Sync } from '../promised.js';
import { decodeCursor, encodeCursor } from '../cursor.js';
import type {
  DecisionQuery,
  Page,
  PageRequest,
  ReadModels,
  SignalQuery,
  StoredSignal,
  TradeQuery,
} from '../read-models.js';
import { DOCS } from '../row-codecs.js';
import type { Connection, SqlValue } from './connection.js';

/** A condition that grows; values stand in it in the order of their question marks. */
interface Filter {
  readonly terms: string[];
  readonly values: SqlValue[];
}

/** A filter of the terms whose value is there. */
function filterOf(terms: readonly (readonly [string, SqlValue | undefined])[]): Filter {
  const used = terms.filter(([, value]) => value !== undefined);
  return { terms: used.map(([term]) => term), values: used.map(([, value]) => value!) };
}

const both = (a: Filter, b: Filter): Filter => ({
  terms: [...a.terms, ...b.terms],
  values: [...a.values, ...b.values],
});

const where = (filter: Filter): string => (filter.terms.length > 0 ? `WHERE ${filter.terms.join(' AND ')}` : '');

/** A list as one value, so that every length is one statement. */
const list = (values: readonly string[] | undefined): string | undefined => values && JSON.stringify(values);
const IN_LIST = 'IN (SELECT value FROM json_each(?))';

const tradeFilter = (query: TradeQuery): Filter =>
  filterOf([
    ['account_id = ?', query.accountId],
    ['status = ?', query.status],
    [`symbol ${IN_LIST}`, list(query.symbols)],
    [`exit_reason ${IN_LIST}`, list(query.exitReasons)],
    ['entry_time >= ?', query.from],
    ['entry_time < ?', query.to],
    ['is_profit = ?', query.profitable === undefined ? undefined : Number(query.profitable)],
  ]);

const decisionFilter = (query: DecisionQuery): Filter =>
  filterOf([
    ['account_id = ?', query.accountId],
    // Only what was denied has a reason.
    ['outcome = ?', query.outcome ?? (query.reasons ? 'DENIED' : undefined)],
    [`reason ${IN_LIST}`, list(query.reasons)],
    ['time >= ?', query.from],
    ['time < ?', query.to],
  ]);

const signalFilter = (query: SignalQuery): Filter =>
  filterOf([
    ['action = ?', query.action],
    ['confidence >= ?', query.minConfidence],
    ['time >= ?', query.from],
    ['time < ?', query.to],
  ]);

const tradeIndex = (query: TradeQuery): string => (query.status ? 'trades_of_status' : 'trades_newest');
const decisionIndex = (query: DecisionQuery): string =>
  query.outcome || query.reasons ? 'decisions_of_outcome' : 'decisions_newest';

export function listQueries(connection: Connection) {
  return { ...tradeQueries(connection), ...decisionQueries(connection), ...signalQueries(connection) };
}

interface Counted {
  readonly table: string;
  readonly filter: Filter;
  readonly max: number;
}

/** Rows counted up to max + 1. */
function countUpTo(connection: Connection, { table, filter, max }: Counted): number {
  const sql = `SELECT count(*) FROM (SELECT 1 FROM ${table} ${where(filter)} LIMIT ?)`;
  return connection.get(sql, [...filter.values, max + 1])![0] as number;
}

/** A page of rows that were read with one more than asked for. */
function pageOf<T>(rows: readonly T[], page: PageRequest, cursorOf: (row: T) => string): Page<T> {
  const taken = rows.slice(0, page.first);
  return { rows: taken.map((row) => ({ cursor: cursorOf(row), row })), hasNext: rows.length > taken.length };
}

function tradeQueries(connection: Connection) {
  const table = (query: TradeQuery) => `trades INDEXED BY ${tradeIndex(query)}`;
  return {
    trade(id) {
      const row = connection.get('SELECT doc FROM trades WHERE id = ?', [id]);
      return row ? DOCS.trade.read(row[0]) : null;
    },
    trades(query, page) {
      const after = decodeCursor('trade', page.after);
      const filter = both(tradeFilter(query), filterOf([['opened_seq < ?', after?.[0]]]));
      const sql = `SELECT doc FROM ${table(query)} ${where(filter)} ORDER BY opened_seq DESC LIMIT ?`;
      const rows = connection.all(sql, [...filter.values, page.first + 1]).map(([doc]) => DOCS.trade.read(doc));
      return pageOf(rows, page, (trade) => encodeCursor('trade', [trade.openedSeq]));
    },
    countTrades: (query, max) => countUpTo(connection, { table: table(query), filter: tradeFilter(query), max }),
    closedTrades(accountId, afterSeq, limit) {
      const sql = `SELECT doc FROM trades INDEXED BY trades_closed
        WHERE account_id = ? AND status = 'CLOSED' AND seq > ? ORDER BY seq LIMIT ?`;
      return connection.all(sql, [accountId, afterSeq, limit]).map(([doc]) => DOCS.trade.read(doc));
    },
  } satisfies Partial<Sync<ReadModels>>;
}

function decisionQueries(connection: Connection) {
  const table = (query: DecisionQuery) => `decisions INDEXED BY ${decisionIndex(query)}`;
  return {
    decisions(query, page) {
      const after = decodeCursor('decision', page.after);
      const filter = both(decisionFilter(query), filterOf([['seq < ?', after?.[0]]]));
      const sql = `SELECT doc FROM ${table(query)} ${where(filter)} ORDER BY seq DESC LIMIT ?`;
      const rows = connection.all(sql, [...filter.values, page.first + 1]).map(([doc]) => DOCS.decision.read(doc));
      return pageOf(rows, page, (decision) => encodeCursor('decision', [decision.seq]));
    },
    countDecisions: (query, max) => countUpTo(connection, { table: table(query), filter: decisionFilter(query), max }),
    decisionsOf(signalIds, accountIds) {
      const sql = `SELECT doc FROM decisions INDEXED BY decisions_of_signal
        WHERE signal_id ${IN_LIST} AND account_id ${IN_LIST} ORDER BY account_id, seq`;
      const values = [JSON.stringify(signalIds), JSON.stringify(accountIds)];
      return connection.all(sql, values).map(([doc]) => DOCS.decision.read(doc));
    },
  } satisfies Partial<Sync<ReadModels>>;
}

function signalQueries(connection: Connection) {
  const newest = (table: string, filter: Filter, limit: number): StoredSignal[] =>
    connection
      .all(`SELECT doc FROM ${table} ${where(filter)} ORDER BY time DESC, id DESC LIMIT ?`, [...filter.values, limit])
      .map(([doc]) => DOCS.signal.read(doc));

  /** Each symbol's newest are next to each other in its index: they are read apart and merged. */
  const ofSymbols = (symbols: readonly string[], filter: Filter, limit: number): StoredSignal[] =>
    [...new Set(symbols)]
      .flatMap((symbol) => {
        const ofSymbol = both(filterOf([['symbol = ?', symbol]]), filter);
        return newest('ml_signals INDEXED BY signals_of_symbol', ofSymbol, limit);
      })
      .sort((a, b) => b.time - a.time || (a.id < b.id ? 1 : -1))
      .slice(0, limit);

  return {
    signals(query, page) {
      const after = decodeCursor('signal', page.after);
      const afterKey: Filter = after
        ? { terms: ['(time, id) < (?, ?)'], values: [after[0]!, after[1]!] }
        : filterOf([]);
      const filter = both(signalFilter(query), afterKey);
      const limit = page.first + 1;
      const rows = query.symbols
        ? connection.inSnapshot(() => ofSymbols(query.symbols!, filter, limit))
        : newest('ml_signals INDEXED BY signals_newest', filter, limit);
      return pageOf(rows, page, (signal) => encodeCursor('signal', [signal.time, signal.id]));
    },
    countSignals(query, max) {
      const ofSymbols = filterOf([[`symbol ${IN_LIST}`, list(query.symbols)]]);
      const table = `ml_signals INDEXED BY ${query.symbols ? 'signals_of_symbol' : 'signals_newest'}`;
      return countUpTo(connection, { table, filter: both(ofSymbols, signalFilter(query)), max });
    },
    signalsById(ids) {
      const rows = connection.all(`SELECT id, doc FROM ml_signals WHERE id ${IN_LIST}`, [JSON.stringify(ids)]);
      const byId = new Map(rows.map(([id, doc]) => [id, doc]));
      return ids.filter((id) => byId.has(id)).map((id) => DOCS.signal.read(byId.get(id)));
    },
  } satisfies Partial<Sync<ReadModels>>;
}
