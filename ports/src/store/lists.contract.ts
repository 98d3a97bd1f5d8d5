/** The store contract: lists of trades and decisions, their filters and their pages. */
import { describe, expect, it } from 'vitest';
import { allPages } from './paging.contract.js';
import type { TradeQuery } from './read-models.js';
import { createSampleBooks, sampleSignalId } from './sample-books.js';
import { createSampleJournal, NO_ROWS, sampleTime } from './samples.js';
import type { OpenStoreUnderTest } from './store.contract.js';

export function listsContract(open: OpenStoreUnderTest): void {
  describe('lists', () => {
    tradesContract(open);
    decisionsContract(open);
  });
}

/** An account with ten trades: two per symbol, closed with these PnLs in turn, the last of each symbol still open. */
async function withTrades(open: OpenStoreUnderTest) {
  const under = await open();
  const store = await under.connect();
  const books = createSampleBooks();
  const entries = createSampleJournal();
  const events = [books.opened()];
  const exits = [{ pnl: '2' }, { pnl: '-1' }, { pnl: '0' }, { pnl: '3', reason: 'PANIC' as const }, { pnl: '-2' }];
  for (const [index, symbol] of ['AAA', 'BBB', 'CCC', 'DDD', 'EEE'].entries()) {
    events.push(books.buys(symbol, index * 10), books.sells(symbol, index * 10 + 5, exits[index]!));
    events.push(books.buys(symbol, 100 + index * 10));
  }
  const stranger = createSampleBooks('acc-2');
  await store.journal.append(
    entries.next({ events: [...events, stranger.opened(), stranger.buys('AAA', 1)] }),
    NO_ROWS,
  );
  return {
    under,
    store,
    books,
    entries,
    trades: (query: Partial<TradeQuery> = {}) => ({ accountId: 'acc-1', ...query }),
  };
}

function tradesContract(open: OpenStoreUnderTest): void {
  const filters: readonly [string, Partial<TradeQuery>, string[]][] = [
    ['all of an account, newest entry first', {}, ['E2', 'E1', 'D2', 'D1', 'C2', 'C1', 'B2', 'B1', 'A2', 'A1']],
    ['open ones', { status: 'OPEN' }, ['E2', 'D2', 'C2', 'B2', 'A2']],
    ['closed ones', { status: 'CLOSED' }, ['E1', 'D1', 'C1', 'B1', 'A1']],
    ['some symbols', { symbols: ['BBB', 'DDD', 'ZZZ'] }, ['D2', 'D1', 'B2', 'B1']],
    ['no symbol', { symbols: [] }, []],
    ['exit reasons', { exitReasons: ['PANIC', 'MANUAL'] }, ['D1']],
    ['with a profit', { profitable: true }, ['D1', 'A1']],
    ['without a profit, 0 included', { profitable: false }, ['E1', 'C1', 'B1']],
    ['entered from a time on', { from: sampleTime(120) }, ['E2', 'D2', 'C2']],
    ['entered before a time', { to: sampleTime(20) }, ['B1', 'A1']],
    [
      'everything at once',
      { status: 'CLOSED', symbols: ['AAA', 'EEE'], from: sampleTime(1), profitable: false },
      ['E1'],
    ],
  ];
  it.each(filters)('give trades: %s', async (_, query, expected) => {
    const { under, store, trades } = await withTrades(open);
    await using _under = under;
    const names = (await allPages((page) => store.readModels.trades(trades(query), page), 3)).map(
      (trade) => `${trade.symbol[0]}${trade.entryTime < sampleTime(100) ? 1 : 2}`,
    );
    expect(names).toEqual(expected);
    expect(await store.readModels.countTrades(trades(query), 100)).toBe(expected.length);
  });

  it('count no further than asked for', async () => {
    const { under, store, trades } = await withTrades(open);
    await using _under = under;
    expect(await store.readModels.countTrades(trades(), 4)).toBe(5);
    expect(await store.readModels.countTrades(trades(), 10)).toBe(10);
  });

  it('go on with a page where it ended, whatever was opened or closed meanwhile', async () => {
    const { under, store, books, entries, trades } = await withTrades(open);
    await using _under = under;
    const first = await store.readModels.trades(trades(), { first: 4, after: null });
    const later = [books.sells('CCC', 200, { pnl: '1' }), books.buys('CCC', 201), books.buys('XXX', 202)];
    await store.journal.append(entries.next({ events: later }), NO_ROWS);
    const rest = await store.readModels.trades(trades(), { first: 100, after: first.rows.at(-1)!.cursor });
    const symbols = [...first.rows, ...rest.rows].map(({ row }) => row.symbol[0]);
    expect(symbols.join('')).toBe('EEDDCCBBAA');
    expect([first.hasNext, rest.hasNext]).toEqual([true, false]);
    expect(rest.rows[0]!.row).toMatchObject({ symbol: 'CCC', status: 'CLOSED' });
  });

  it('give a trade as it is after its newest event', async () => {
    const { under, store, books, entries } = await withTrades(open);
    await using _under = under;
    const open1 = books.openTrades()[0]!;
    expect(await store.readModels.trade(open1.id)).toEqual(open1);
    const closing = books.sells('AAA', 300, { pnl: '7.00000001' });
    await store.journal.append(entries.next({ events: [closing] }), NO_ROWS);
    expect(await store.readModels.trade(open1.id)).toEqual(closing.trade);
    expect(await store.readModels.trade('nothing')).toBeNull();
  });

  it('give closed trades in the order of their exits, after a seq', async () => {
    const { under, store, books, entries } = await withTrades(open);
    await using _under = under;
    const events = [books.sells('EEE', 300, { pnl: '1' }), books.sells('AAA', 301, { pnl: '1' })];
    await store.journal.append(entries.next({ events }), NO_ROWS);
    const closed = async (after: number, limit: number) =>
      (await store.readModels.closedTrades('acc-1', after, limit)).map((trade) => trade.symbol[0]);
    expect(await closed(0, 100)).toEqual(['A', 'B', 'C', 'D', 'E', 'E', 'A']);
    expect(await closed(0, 2)).toEqual(['A', 'B']);
    expect(await closed(events[0]!.seq, 9)).toEqual(['A']);
  });

  const notCursors = [
    '',
    'x',
    '%%%',
    Buffer.from('{"a":1}').toString('base64url'),
    Buffer.from('[]').toString('base64url'),
  ];
  it.each(notCursors)('refuse %j as a cursor', async (after) => {
    await using under = await open();
    const { readModels } = await under.connect();
    const page = { first: 1, after };
    await expect(readModels.trades({ accountId: 'a' }, page)).rejects.toMatchObject({ code: 'INVALID' });
    await expect(readModels.decisions({ accountId: 'a' }, page)).rejects.toMatchObject({ code: 'INVALID' });
    await expect(readModels.signals({}, page)).rejects.toMatchObject({ code: 'INVALID' });
  });

  it('refuse the cursor of another list', async () => {
    const { under, store, trades } = await withTrades(open);
    await using _under = under;
    const { rows } = await store.readModels.trades(trades(), { first: 1, after: null });
    const page = { first: 1, after: rows[0]!.cursor };
    await expect(store.readModels.decisions(trades(), page)).rejects.toMatchObject({ code: 'INVALID' });
  });
}

function decisionsContract(open: OpenStoreUnderTest): void {
  async function withDecisions() {
    const under = await open();
    const store = await under.connect();
    const books = createSampleBooks();
    const other = createSampleBooks('acc-2');
    const events = [books.opened(), books.denies('AAA', 1), books.buys('AAA', 2), books.denies('AAA', 3, 'COOLDOWN')];
    events.push(books.sells('AAA', 4, { pnl: '1' }), books.denies('BBB', 5, 'STALE'), books.buys('BBB', 6));
    events.push(books.sells('BBB', 7, { pnl: '1', reason: 'PANIC' }), other.opened(), other.denies('AAA', 1));
    await store.journal.append(createSampleJournal().next({ events }), NO_ROWS);
    return { under, readModels: store.readModels };
  }

  const all = { accountId: 'acc-1' };
  it.each([
    ['all of an account, newest first', {}, [6, 5, 4, 3, 2, 1]],
    ['one outcome', { outcome: 'DENIED' as const }, [5, 3, 1]],
    ['another outcome', { outcome: 'CLOSED' as const }, [4]],
    ['some reasons', { reasons: ['COOLDOWN', 'STALE'] as const }, [5, 3]],
    ['a reason of an outcome that has none', { outcome: 'OPENED' as const, reasons: ['STALE'] as const }, []],
    ['a range of time', { from: sampleTime(2), to: sampleTime(5) }, [4, 3, 2]],
  ])('give decisions: %s', async (_, query, minutes) => {
    const { under, readModels } = await withDecisions();
    await using _under = under;
    const decisions = await allPages((page) => readModels.decisions({ ...all, ...query }, page), 2);
    expect(decisions.map((decision) => (decision.time - sampleTime(0)) / 60_000)).toEqual(minutes);
    expect(await readModels.countDecisions({ ...all, ...query }, 100)).toBe(minutes.length);
  });

  it('give the decisions of some signals for some accounts', async () => {
    const { under, readModels } = await withDecisions();
    await using _under = under;
    const ids = [sampleSignalId('AAA', 1), sampleSignalId('AAA', 2), 'nothing'];
    const idsOf = async (accountIds: string[]) =>
      (await readModels.decisionsOf(ids, accountIds)).map((decision) => decision.id);
    expect(await idsOf(['acc-1', 'acc-2'])).toEqual(['acc-1:2', 'acc-1:3', 'acc-2:2']);
    expect(await idsOf(['acc-2'])).toEqual(['acc-2:2']);
    expect(await idsOf([])).toEqual([]);
    expect(await readModels.decisionsOf([], ['acc-1'])).toEqual([]);
  });
}
