/** The store contract: what is answered after an append, of progress, accounts, prices and commands. */
import type { Instant } from '@kairos/schema';
import { parseMoney, parsePrice } from '@kairos/schema';
import { describe, expect, it } from 'vitest';
import { createSampleBooks } from './sample-books.js';
import {
  createSampleJournal,
  NO_NOTES,
  NO_ROWS,
  SAMPLE_WALL_TIME,
  sampleCommand,
  sampleMark,
  samplePriceBook,
  sampleStep,
  sampleTime,
} from './samples.js';
import type { OpenStoreUnderTest } from './store.contract.js';

export function readModelsContract(open: OpenStoreUnderTest): void {
  describe('read models', () => {
    progressContract(open);
    accountsContract(open);
    commandsContract(open);
  });
}

function progressContract(open: OpenStoreUnderTest): void {
  it('have no progress before the first entry, then that of the newest', async () => {
    await using under = await open();
    const { journal, readModels } = await under.connect();
    expect(await readModels.progress()).toBeNull();
    const entries = createSampleJournal();
    await journal.append(entries.next({ worldTime: null }), NO_ROWS);
    expect(await readModels.progress()).toMatchObject({ entry: 1, worldTime: null });
    const notes = { ...NO_NOTES, hasPredictor: true, feedEndedAt: sampleTime(9) };
    await journal.append(entries.next({ worldTime: sampleTime(9), notes }), NO_ROWS);
    const committedAt = (SAMPLE_WALL_TIME + 2) as Instant;
    expect(await readModels.progress()).toEqual({ entry: 2, worldTime: sampleTime(9), committedAt, notes });
  });

  it('answer the progress of the shard furthest behind', async () => {
    await using under = await open();
    const { journal, readModels } = await under.connect();
    await journal.append(createSampleJournal({ shard: 0 }).next({ worldTime: sampleTime(5) }), NO_ROWS);
    await journal.append(createSampleJournal({ shard: 1 }).next({ worldTime: sampleTime(3) }), NO_ROWS);
    expect(await readModels.progress()).toMatchObject({ worldTime: sampleTime(3) });
  });

  it('change their version with every commit, for the writer and for everybody else, and only then', async () => {
    await using under = await open();
    const writer = await under.connect();
    const reader = await under.connect();
    const versions = async () => [await writer.readModels.version(), await reader.readModels.version()];
    const [first, second] = await versions();
    expect(await versions()).toEqual([first, second]);
    await writer.journal.append(createSampleJournal().next(), NO_ROWS);
    const after = await versions();
    expect(after[0]).not.toBe(first);
    expect(after[1]).not.toBe(second);
    expect(await versions()).toEqual(after);
  });
}

function accountsContract(open: OpenStoreUnderTest): void {
  it('answer an account with its open trades and mark as one', async () => {
    await using under = await open();
    const { journal, readModels } = await under.connect();
    const books = createSampleBooks();
    const entries = createSampleJournal();
    await journal.append(entries.next({ events: [books.opened(), books.buys('BTCUSDT', 1)] }), NO_ROWS);
    const createdAt = (SAMPLE_WALL_TIME + 1) as Instant;
    const opened = { account: books.account(), openTrades: books.openTrades(), mark: sampleMark('acc-1'), createdAt };
    expect(await readModels.account('acc-1')).toEqual(opened);

    const mark = sampleMark('acc-1', {
      peakEquity: parseMoney('5100.5'),
      peakPrices: { [books.openTrades()[0]!.id]: parsePrice('110') },
      lastLossAt: { ETHUSDT: sampleTime(2) },
    });
    await journal.append(entries.next({ events: [books.buys('ETHUSDT', 2)], marks: [mark] }), NO_ROWS);
    const two = await readModels.account('acc-1');
    expect(two).toEqual({ account: books.account(), openTrades: books.openTrades(), mark, createdAt });
    expect(two?.openTrades.map((trade) => trade.symbol)).toEqual(['BTCUSDT', 'ETHUSDT']);

    await journal.append(entries.next({ events: [books.sells('BTCUSDT', 3, { pnl: '1' })] }), NO_ROWS);
    const one = await readModels.account('acc-1');
    expect(one?.openTrades.map((trade) => trade.symbol)).toEqual(['ETHUSDT']);
    expect(one?.mark).toEqual(mark);
  });

  it('list accounts, the oldest first, and answer null for one that does not exist', async () => {
    await using under = await open();
    const { journal, readModels } = await under.connect();
    const entries = createSampleJournal();
    for (const id of ['c', 'a', 'b']) {
      await journal.append(entries.next({ events: [createSampleBooks(id).opened()] }), NO_ROWS);
    }
    expect((await readModels.accounts()).map((view) => view.account.id)).toEqual(['c', 'a', 'b']);
    expect(await readModels.account('nobody')).toBeNull();
  });

  it('change nothing when an entry is appended again', async () => {
    await using under = await open();
    const { journal, readModels } = await under.connect();
    const books = createSampleBooks();
    const entries = createSampleJournal();
    const first = entries.next({ events: [books.opened(), books.buys('BTCUSDT', 1)] });
    const second = entries.next({ events: [books.sells('BTCUSDT', 2, { pnl: '1' })] });
    await journal.append(first, NO_ROWS);
    await journal.append(second, NO_ROWS);
    const before = [
      await readModels.account('acc-1'),
      await readModels.progress(),
      await readModels.events('acc-1', 0, 9),
    ];
    await journal.append(first, NO_ROWS);
    await journal.append(second, NO_ROWS);
    const after = [
      await readModels.account('acc-1'),
      await readModels.progress(),
      await readModels.events('acc-1', 0, 9),
    ];
    expect(after).toEqual(before);
  });

  it('answer events after a seq in order, for a reader that catches up', async () => {
    await using under = await open();
    const { journal, readModels } = await under.connect();
    const books = createSampleBooks();
    const other = createSampleBooks('acc-2');
    const entries = createSampleJournal();
    const events = [books.opened(), books.buys('BTCUSDT', 1), books.denies('BTCUSDT', 2), books.denies('ETHUSDT', 3)];
    await journal.append(entries.next({ events: [...events.slice(0, 2), other.opened()] }), NO_ROWS);
    await journal.append(entries.next({ events: events.slice(2) }), NO_ROWS);
    expect(await readModels.events('acc-1', 0, 100)).toEqual(events);
    expect(await readModels.events('acc-1', 1, 2)).toEqual(events.slice(1, 3));
    expect(await readModels.events('acc-1', 4, 100)).toEqual([]);
  });

  it('answer the newest price of each symbol', async () => {
    await using under = await open();
    const { journal, readModels } = await under.connect();
    const entries = createSampleJournal();
    const eth = samplePriceBook('ETHUSDT', '3000', 1);
    await journal.append(entries.next({ prices: [samplePriceBook('BTCUSDT', '68000', 1), eth] }), NO_ROWS);
    const btc = samplePriceBook('BTCUSDT', '68001.000000000001', 2);
    await journal.append(entries.next({ prices: [btc] }), NO_ROWS);
    expect(await readModels.prices()).toEqual([btc, eth]);
  });
}

function commandsContract(open: OpenStoreUnderTest): void {
  it('answer a command with all accounts that its messages concerned', async () => {
    await using under = await open();
    const { journal, readModels } = await under.connect();
    const entries = createSampleJournal();
    const command = sampleCommand({ accountId: 'acc-1', reason: 'enough', signature: 'ab'.repeat(32) });
    await journal.append(entries.next(), { ...NO_ROWS, commands: [{ command, accountIds: ['acc-1'] }] });
    const second = { command: { ...command, accountId: 'acc-2' }, accountIds: ['acc-2'] };
    await journal.append(entries.next(), { ...NO_ROWS, commands: [second] });
    expect(await readModels.takenCommand('cmd-1')).toEqual({ command, accountIds: ['acc-1', 'acc-2'] });
    expect(await readModels.takenCommand('cmd-2')).toBeNull();
  });

  it('give back a command that opens an account with settings of its own', async () => {
    await using under = await open();
    const { journal, readModels } = await under.connect();
    const command = sampleCommand({
      action: 'OPEN_ACCOUNT',
      accountId: 'acc-9',
      account: { name: 'Über 9', mode: 'PAPER', initialBalance: parseMoney('123.00000001'), userId: 'user-9' },
      settings: { stopLoss: null, maxOpenPositions: 3 },
    });
    await journal.append(createSampleJournal().next(), { ...NO_ROWS, commands: [{ command, accountIds: ['acc-9'] }] });
    expect(await readModels.takenCommand('cmd-1')).toEqual({ command, accountIds: ['acc-9'] });
  });

  it('list the newest commands, of one account or of all', async () => {
    await using under = await open();
    const { journal, readModels } = await under.connect();
    const commands = ['a', 'b', 'c', 'd'].map((id) => ({
      command: sampleCommand({ id }),
      accountIds: id === 'b' ? ['acc-2'] : ['acc-1', 'acc-2'],
    }));
    await journal.append(createSampleJournal().next(), { ...NO_ROWS, commands });
    expect(await readModels.commandIds(null, 3)).toEqual(['d', 'c', 'b']);
    expect(await readModels.commandIds('acc-1', 3)).toEqual(['d', 'c', 'a']);
    expect(await readModels.commandIds('nobody', 3)).toEqual([]);
  });

  it('answer the steps of a command as they happened, those without an event included', async () => {
    await using under = await open();
    const { journal, readModels } = await under.connect();
    const books = createSampleBooks();
    const entries = createSampleJournal();
    const stopping = books.obeys('TRADING_STOPPING', 'cmd-1', 1);
    const stopped = books.obeys('TRADING_STOPPED', 'cmd-1', 2);
    const refusal = sampleStep({ accountId: 'acc-x', kind: 'REFUSED', error: 'no such account', refusal: 'NOT_FOUND' });
    const rows = { ...NO_ROWS, steps: [{ ...refusal, commandId: 'cmd-1' }] };
    await journal.append(entries.next({ events: [books.opened(), stopping] }), NO_ROWS);
    const last = entries.next({ events: [stopped] });
    await journal.append(last, rows);
    await journal.append(last, rows);
    const kinds = (await readModels.steps('cmd-1')).map((step) => [step.accountId, step.kind]);
    expect(kinds).toEqual([
      ['acc-1', 'ENTRIES_BLOCKED'],
      ['acc-1', 'FLAT'],
      ['acc-1', 'STOPPED'],
      ['acc-x', 'REFUSED'],
    ]);
    expect((await readModels.steps('cmd-1'))[3]).toEqual(refusal);
    expect(await readModels.steps('sig-BTCUSDT-1')).toEqual([]);
  });
}
