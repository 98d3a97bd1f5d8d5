/** Pages, counts and look-ups of trades, decisions and signals: each by an index named here, in its order. */
import { decodeCursor, encodeCursor } from '../cursor.js';
import type { DecisionQuery, Page, PageRequest, ReadModels, SignalQuery, TradeQuery } from '../read-models.js';
import type { RowCodec, StoredDocument } from './documents.js';
import { DECISION_ROW, SIGNAL_ROW, TRADE_ROW } from './documents.js';
import { dateValue, filterOf, numberValue, oneOfTexts, textValue, timeRange } from './filters.js';
import type { WorldTables } from './world-tables.js';
import { toDecimal128 } from './decimal128.js';

const text = (value: string | undefined): unknown => (value === undefined ? undefined : textValue(value));
const NOTHING = toDecimal128(0n, 0);

const tradeFilter = (query: TradeQuery) =>
  filterOf({
    accountId: textValue(query.accountId),
    status: text(query.status),
    symbol: oneOfTexts(query.symbols),
    exitReason: oneOfTexts(query.exitReasons),
    entryTime: timeRange(query.from, query.to),
    pnl: query.profitable === undefined ? undefined : query.profitable ? { $gt: NOTHING } : { $lte: NOTHING },
  });

const decisionFilter = (query: DecisionQuery) =>
  filterOf({
    accountId: textValue(query.accountId),
    // Only what was denied has a reason.
    outcome: text(query.outcome ?? (query.reasons ? 'DENIED' : undefined)),
    reason: oneOfTexts(query.reasons),
    time: timeRange(query.from, query.to),
  });

const signalFilter = (query: SignalQuery) =>
  filterOf({
    symbol: oneOfTexts(query.symbols),
    action: text(query.action),
    confidence: query.minConfidence === undefined ? undefined : { $gte: numberValue(query.minConfidence) },
    time: timeRange(query.from, query.to),
  });

const tradeIndex = (query: TradeQuery): string => (query.status ? 'trades_of_status' : 'trades_newest');
const decisionIndex = (query: DecisionQuery): string =>
  query.outcome || query.reasons ? 'decisions_of_outcome' : 'decisions_newest';
const signalIndex = (query: SignalQuery): string => (query.symbols ? 'signals_of_symbol' : 'signals_newest');

/** A page of documents that were read with one more than asked for. */
function pageOf<T>(
  documents: readonly StoredDocument[],
  page: PageRequest,
  row: { readonly codec: RowCodec<T>; cursorOf(row: T): string },
): Page<T> {
  const taken = documents.slice(0, page.first).map((document) => row.codec.read(document));
  return {
    rows: taken.map((each) => ({ cursor: row.cursorOf(each), row: each })),
    hasNext: documents.length > taken.length,
  };
}

const before = (field: string, key: string | number | undefined): object =>
  key === undefined ? {} : { [field]: { $lt: key } };

export const listQueries = (tables: WorldTables) => ({
  ...tradeQueries(tables),
  ...decisionQueries(tables),
  ...signalQueries(tables),
});

function tradeQueries({ trades }: WorldTables) {
  return {
    async trade(id) {
      const found = await trades.findOne({ filter: { _id: textValue(id) } });
      return found && TRADE_ROW.read(found);
    },
    async trades(query, page) {
      const after = decodeCursor('trade', page.after);
      const found = await trades.find({
        filter: { ...tradeFilter(query), ...before('openedSeq', after?.[0]) },
        sort: { openedSeq: -1 },
        limit: page.first + 1,
        hint: tradeIndex(query),
      });
      return pageOf(found, page, {
        codec: TRADE_ROW,
        cursorOf: (trade) => encodeCursor('trade', [trade.openedSeq]),
      });
    },
    countTrades: (query, max) => trades.count({ filter: tradeFilter(query), hint: tradeIndex(query) }, max),
    async closedTrades(accountId, afterSeq, limit) {
      const filter = { accountId: textValue(accountId), status: 'CLOSED', seq: { $gt: numberValue(afterSeq) } };
      const found = await trades.find({ filter, sort: { seq: 1 }, limit, hint: 'trades_closed' });
      return found.map(TRADE_ROW.read);
    },
  } satisfies Partial<ReadModels>;
}

function decisionQueries({ decisions }: WorldTables) {
  return {
    async decisions(query, page) {
      const after = decodeCursor('decision', page.after);
      const found = await decisions.find({
        filter: { ...decisionFilter(query), ...before('seq', after?.[0]) },
        sort: { seq: -1 },
        limit: page.first + 1,
        hint: decisionIndex(query),
      });
      return pageOf(found, page, {
        codec: DECISION_ROW,
        cursorOf: (decision) => encodeCursor('decision', [decision.seq]),
      });
    },
    countDecisions: (query, max) => decisions.count({ filter: decisionFilter(query), hint: decisionIndex(query) }, max),
    async decisionsOf(signalIds, accountIds) {
      const filter = { signalId: oneOfTexts(signalIds), accountId: oneOfTexts(accountIds) };
      const found = (await decisions.find({ filter, hint: 'decisions_of_signal' })).map(DECISION_ROW.read);
      return found.sort((a, b) => (a.accountId === b.accountId ? a.seq - b.seq : a.accountId < b.accountId ? -1 : 1));
    },
  } satisfies Partial<ReadModels>;
}

/** After a cursor of time and id, within the bounds of one index. */
function signalsAfter(key: readonly (string | number)[] | null): object {
  if (!key) return {};
  const [time, id] = key as readonly [number, string];
  const at = dateValue(time);
  return { $and: [{ time: { $lte: at } }, { $or: [{ time: { $lt: at } }, { _id: { $lt: textValue(id) } }] }] };
}

function signalQueries({ mlSignals }: WorldTables) {
  return {
    async signals(query, page) {
      const after = decodeCursor('signal', page.after);
      const found = await mlSignals.find({
        filter: { ...signalFilter(query), ...signalsAfter(after) },
        sort: { time: -1, _id: -1 },
        limit: page.first + 1,
        hint: signalIndex(query),
      });
      return pageOf(found, page, {
        codec: SIGNAL_ROW,
        cursorOf: (signal) => encodeCursor('signal', [signal.time, signal.id]),
      });
    },
    countSignals: (query, max) => mlSignals.count({ filter: signalFilter(query), hint: signalIndex(query) }, max),
    async signalsById(ids) {
      const found = (await mlSignals.find({ filter: { _id: oneOfTexts(ids) } })).map(SIGNAL_ROW.read);
      const byId = new Map(found.map((signal) => [signal.id, signal]));
      return ids.map((id) => byId.get(id)).filter((signal) => signal !== undefined);
    },
  } satisfies Partial<ReadModels>;
}
