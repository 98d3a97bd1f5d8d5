/**
 * The worked figures of the contract through the real bus, trader, store and API, to the last digit; and messages that
 * are not valid, of each kind, that go to the dead letter once and hold nobody up.
 */
import { RECORD_BYTES_MAX } from '@kairos/ports';
import { deadLetterKey, TOPICS } from '@kairos/schema';
import { describe, expect, it } from 'vitest';
import type { InvalidFixture } from '../../schema/fixtures/index.js';
import { bytesOf, closedEventMessage, FIXTURES, poison } from '../../schema/fixtures/index.js';
import type { Data } from './trading-fixture.js';
import type { Whole } from './whole-fixture.js';
import { startWhole, until } from './whole-fixture.js';

const TEST_MS = 240_000;
/** Of what follows a message that is not valid; a busy machine is granted one case in ten. */
const PROCESSED_MS_MAX = 1_000;

const TRADES = `{ trades { edges { node {
  id seq symbol action status amount entryPrice cost entryFee exitPrice revenue exitFee exitReason pnl exitCommandId
} } } }`;
const STATS = `{ stats {
  totalTrades openTrades closedTrades wins losses cash balance equity realizedPnl unrealizedPnl openEntryFees feesPaid
} }`;
const POSITIONS = '{ positions { symbol amount entryPrice currentPrice currentValue unrealizedPnl } }';
const UPDATES = 'subscription { tradeUpdated(afterSeq: 1) { seq status pnl exitReason } }';

interface Row {
  readonly symbol: string;
  readonly risk: string;
  readonly entry: string;
  readonly exit: string;
  readonly amount: string;
  readonly cost: string;
  readonly entryFee: string;
  readonly cashThen: string;
  readonly revenue: string;
  readonly exitFee: string;
  readonly pnl: string;
  readonly cash: string;
}

const row = (symbol: string, risk: string, figures: string): Row => {
  const names = ['entry', 'exit', 'amount', 'cost', 'entryFee', 'cashThen', 'revenue', 'exitFee', 'pnl', 'cash'];
  const values = figures.split(' ');
  const named = Object.fromEntries(names.map((name, index) => [name, values[index]]));
  return { symbol, risk, ...named } as unknown as Row;
};

const BTC = '0.03663862 2499.99959708 2.4999996 2497.50040332';
const BY_SIGNAL: readonly Row[] = [
  row('BTCUSDT', '0.5', `68234 68891 ${BTC} 2524.07117042 2.52407118 19.04750256 5019.04750256`),
  row(
    'XRPUSDT',
    '0.5',
    '0.5123 0.5207 4879.95315244 2500 2.5 2497.5 2540.99160647 2.54099161 35.95061486 5035.95061486',
  ),
  row(
    'BTCUSDT',
    '1',
    '68234 68891 0.07320404 4995.00446536 4.99500447 0.00053017 5043.09951964 5.04309952 38.05695029 5038.05695029',
  ),
];
const BY_PANIC = row('BTCUSDT', '0.5', `68234 68500 ${BTC} 2509.74547 2.50974547 4.73612785 5004.73612785`);

const signal = (symbol: string, action: string, price: string) => ({ symbol, action, confidence: 0.9, price });

/** Buys at the row's entry, and checks what is answered then. */
async function buy(whole: Whole, { symbol, entry, ...row }: Row): Promise<void> {
  await whole.publish(TOPICS.signals, symbol, signal(symbol, 'BUY', entry));
  await until('it is bought', async () => String((await newestTrade(whole))?.['status']) === 'OPEN');
  const { amount, cost, entryFee } = row;
  expect(await newestTrade(whole)).toMatchObject({
    seq: 2,
    symbol,
    action: 'BUY',
    amount,
    entryPrice: entry,
    cost,
    entryFee,
  });
  const stats = (await whole.ask(STATS))['stats'];
  expect(stats).toMatchObject({ cash: row.cashThen, openTrades: 1, closedTrades: 0, openEntryFees: entryFee });
  const position = ((await whole.ask(POSITIONS))['positions'] as unknown as Data[])[0];
  expect(position).toMatchObject({ symbol, amount, entryPrice: entry, currentPrice: entry });
}

const newestTrade = async (whole: Whole): Promise<Data | undefined> =>
  ((await whole.ask(TRADES))['trades']!['edges'] as unknown as Data[])[0]?.['node'];

/** What is answered once all is sold. */
async function checkSold(whole: Whole, { exit, revenue, exitFee, pnl, cash, entryFee }: Row): Promise<void> {
  await until('it is sold', async () => String((await newestTrade(whole))?.['status']) === 'CLOSED');
  expect(await newestTrade(whole)).toMatchObject({ seq: 3, exitPrice: exit, revenue, exitFee, pnl });
  const books = { cash, balance: cash, equity: cash, realizedPnl: pnl, unrealizedPnl: '0', openEntryFees: '0' };
  const counts = { totalTrades: 1, openTrades: 0, closedTrades: 1, wins: 1, losses: 0 };
  const stats = (await whole.ask(STATS))['stats'];
  expect(stats).toMatchObject({ ...books, ...counts });
  expect(digits(String(stats!['feesPaid']))).toBe(digits(entryFee) + digits(exitFee));
  expect((await whole.ask(POSITIONS))['positions']).toEqual([]);
}

/** Units of the eighth decimal. */
function digits(text: string): bigint {
  const [whole, fraction = ''] = text.split('.');
  return BigInt(whole! + fraction.padEnd(8, '0'));
}

/** The next values of a subscription. */
async function take(updates: AsyncIterator<unknown>, count: number): Promise<unknown[]> {
  const taken: unknown[] = [];
  while (taken.length < count) {
    const { value } = (await updates.next()) as { value: { data: Record<string, unknown> } };
    taken.push(...Object.values(value.data));
  }
  return taken;
}

describe('the worked figures, through bus and GraphQL', { timeout: TEST_MS }, () => {
  it.each(BY_SIGNAL)('hold for $symbol bought at $entry with $risk of the cash and sold at $exit', async (row) => {
    await using whole = await startWhole({ RISK_PER_TRADE: row.risk });
    const updates = whole.socket.iterate({ query: UPDATES });
    await buy(whole, row);
    await whole.publish(TOPICS.signals, row.symbol, signal(row.symbol, 'SELL', row.exit));
    await checkSold(whole, row);
    expect(await take(updates, 2)).toEqual([
      { seq: 2, status: 'OPEN', pnl: null, exitReason: null },
      { seq: 3, status: 'CLOSED', pnl: row.pnl, exitReason: 'SIGNAL' },
    ]);
  });

  it('hold for a panic', async () => {
    await using whole = await startWhole();
    const updates = whole.socket.iterate({ query: UPDATES });
    await buy(whole, BY_PANIC);
    await whole.publish(TOPICS.marketData, 'BTCUSDT', candle(BY_PANIC.exit));
    await until('the price is known', async () => {
      const positions = (await whole.ask(POSITIONS))['positions'] as unknown as Data[];
      return String(positions[0]?.['currentPrice']) === BY_PANIC.exit;
    });
    const id = (await whole.ask('mutation { panicStop(reason: "enough") { id } }'))['panicStop']!['id'];
    const query = 'query($id: ID!) { command(id: $id) { status issuedBy reason steps { kind symbol price error } } }';
    const command = async () => (await whole.ask(query, { id }))['command'];
    await until('the panic is done', async () => String((await command())?.['status']) === 'DONE');
    const step = { symbol: null, price: null, error: null };
    expect(await command()).toEqual({
      status: 'DONE',
      issuedBy: 'admin',
      reason: 'enough',
      steps: [
        { ...step, kind: 'ENTRIES_BLOCKED' },
        { ...step, kind: 'POSITION_CLOSED', symbol: 'BTCUSDT', price: '68500' },
        { ...step, kind: 'FLAT' },
        { ...step, kind: 'STOPPED' },
      ],
    });
    expect(await newestTrade(whole)).toMatchObject({
      seq: 4,
      exitPrice: '68500',
      exitReason: 'PANIC',
      exitCommandId: id,
    });
    const { revenue, exitFee, pnl, cash } = BY_PANIC;
    expect(await newestTrade(whole)).toMatchObject({ revenue, exitFee, pnl });
    expect((await whole.ask(STATS))['stats']).toMatchObject({ cash, balance: cash, equity: cash, realizedPnl: pnl });
    expect((await whole.ask('{ account { status seq } }'))['account']).toEqual({ status: 'STOPPED', seq: 5 });
    expect(await take(updates, 2)).toEqual([
      { seq: 2, status: 'OPEN', pnl: null, exitReason: null },
      { seq: 4, status: 'CLOSED', pnl, exitReason: 'PANIC' },
    ]);
  });
});

interface Kind {
  readonly topic: keyof typeof FIXTURES;
  /** Valid for the reader, not valid for what it says. */
  readonly more?: (accountId: string) => readonly InvalidFixture[];
  /** A valid message, and whether it has been processed. */
  readonly valid: (whole: Whole, id: string) => Valid;
}

interface Valid {
  readonly message: object;
  readonly isProcessed: () => Promise<boolean>;
}

const ago = (ms: number): number => Date.now() - ms;
const HOUR_MS = 3_600_000;
const bad = (name: string, names: string, message: Record<string, unknown>): InvalidFixture => ({
  name,
  names,
  payload: { message },
});

const KINDS: readonly Kind[] = [
  {
    topic: TOPICS.signals,
    more: () => [
      bad('a signal of yesterday', 'at most 24 h before now', {
        ...signal('BTCUSDT', 'SELL', '68234'),
        id: 'old',
        time: ago(25 * HOUR_MS),
      }),
      bad('a signal of tomorrow', 'ahead', { ...signal('BTCUSDT', 'SELL', '68234'), id: 'new', time: ago(-HOUR_MS) }),
    ],
    valid: ({ store, accountId }, id) => ({
      message: { ...signal('BTCUSDT', 'SELL', '68234'), id },
      isProcessed: async () => (await store.readModels.decisionsOf([id], [accountId])).length === 1,
    }),
  },
  {
    topic: TOPICS.commands,
    more: () => [bad('a command for nobody', 'account', { id: 'nobody', action: 'STOP_BOT', accountId: 'acc-nobody' })],
    valid: ({ store, accountId }, id) => ({
      message: { id, action: 'PAUSE_BOT', accountId },
      isProcessed: async () => (await store.readModels.steps(id)).length === 1,
    }),
  },
  {
    topic: TOPICS.marketData,
    valid: (whole, id) => {
      const close = String(68_000 + Number(id.split('-')[1]));
      const query = '{ prices(symbols: ["BTCUSDT"]) { price } }';
      return {
        message: candle(close),
        isProcessed: async () => {
          const [price] = (await whole.ask(query))['prices'] as unknown as { price: string }[];
          return price?.price === close;
        },
      };
    },
  },
  {
    topic: TOPICS.trades,
    valid: (whole, id) => ({
      message: closedEventMessage,
      isProcessed: async () => (await whole.deadLetters()).length > Number(id.split('-')[1]),
    }),
  },
];

describe('a message that is not valid', { timeout: TEST_MS }, () => {
  it.each(KINDS)('goes to the dead letter once with its reason and holds nobody up: $topic', async (kind) => {
    await using whole = await startWhole();
    const invalid = [...FIXTURES[kind.topic].invalid, ...poison, ...(kind.more?.(whole.accountId) ?? [])];
    const reasons = new Map<string, string>();
    const waits: number[] = [];
    for (const [index, fixture] of invalid.filter(isFitForTheBus).entries()) {
      const valid = kind.valid(whole, `valid-${index}`);
      const [place] = await whole.publish(kind.topic, whole.accountId, bytesOf(fixture.payload), valid.message);
      reasons.set(place!, fixture.names);
      const waited = await until(`what follows ${fixture.name} is processed`, valid.isProcessed);
      waits.push(waited);
    }
    await until('each has its dead letter', async () => (await whole.deadLetters()).length >= reasons.size);
    await checkDecides(whole);
    const letters = await whole.deadLetters();
    expect(letters.map(deadLetterKey).sort()).toEqual([...reasons.keys()].sort());
    for (const letter of letters) expect(letter.reason).toContain(reasons.get(deadLetterKey(letter)));
    expect(percentile(waits, 0.9)).toBeLessThan(PROCESSED_MS_MAX);
  });
});

/** That a signal is still decided on. */
async function checkDecides({ store, accountId, publish }: Whole): Promise<void> {
  await publish(TOPICS.signals, 'BTCUSDT', { ...signal('BTCUSDT', 'BUY', '68234'), id: 'last' });
  const { readModels } = store;
  await until('a signal is decided on', async () => (await readModels.decisionsOf(['last'], [accountId])).length === 1);
}

/** The bus itself refuses what is larger. */
const isFitForTheBus = ({ payload }: InvalidFixture): boolean => bytesOf(payload).length < RECORD_BYTES_MAX / 2;

const percentile = (values: readonly number[], part: number): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length * part)]!;

/** A candle in progress whose newest price is true now. */
function candle(close: string): object {
  const at = Date.now();
  const time = at - (at % 60_000);
  return { symbol: 'BTCUSDT', interval: '1m', time, open: close, high: close, low: close, close, closed: false, at };
}
