/**
 * The same ordered inputs give the same events per account, byte for byte, whatever bus and store they go through and
 * however fast; and at every commit the books are right to the last digit, by an auditor who knows nothing of the core.
 */
import type { JournalEntry } from '@kairos/ports';
import { silentLog } from '@kairos/ports';
import type { PriceBook, Trade } from '@kairos/schema';
import { encodeTradingEvent, formatMoney, formatPrice, INTERVAL_MS, parseSettingsPatch } from '@kairos/schema';
import { beforeAll, describe, expect, it } from 'vitest';
import { backtestFiles } from '../src/cli/backtest/backtest-files.js';
import { hasData } from '../src/feed/testing/data.js';
import type { BacktestStats } from '../src/run/backtest/index.js';
import type { Auditor } from './auditor.fixture.js';
import { timesDown, units } from '../src/sim/audit/figures.js';
import { createAuditor } from './auditor.fixture.js';
import type { Outcome } from './in-process.fixture.js';
import { filePorts, memoryPorts, runToTheEnd, shardedMemoryPorts } from './in-process.fixture.js';
import type { AccountId, ClosesBySymbol, ReplayWorld, Slice } from './replay-world.fixture.js';
import { ACCOUNT_IDS, ACCOUNTS, createReplayWorld, firstDifference, flawsOf } from './replay-world.fixture.js';

const TEST_MS = 600_000;

interface Market {
  readonly name: string;
  readonly intervalMs: number;
  readonly slices: readonly Slice[];
  /** Candles per candle time, so that a run takes seconds: with commits between most of them. */
  readonly speed: number;
}

const MARKETS: readonly Market[] = [
  {
    name: '3,000 hours of BTCUSDT',
    intervalMs: INTERVAL_MS['1h'],
    slices: [{ symbol: 'BTCUSDT', file: 'btcusdt-1h-201708-202408.csv.gz', rows: 3_000 }],
    speed: 1_000_000,
  },
  {
    name: '3,000 candles of 5 minutes of BTCUSDT and ETHUSDT',
    intervalMs: INTERVAL_MS['5m'],
    slices: [
      { symbol: 'BTCUSDT', file: 'btcusdt-5m-202401-202408.csv.gz', rows: 3_000 },
      { symbol: 'ETHUSDT', file: 'ethusdt-5m-202401-202408.csv.gz', rows: 3_000 },
    ],
    speed: 100_000,
  },
];

const RUNS = ['memory', 'memory in 8 shards', 'files', 'files, at a finite speed'] as const;
type Run = (typeof RUNS)[number];

/** Figures of which a digit more than there is must be noticed. */
const WRONG = ['amount', 'cost', 'entryFee', 'exitPrice', 'revenue', 'exitFee', 'pnl'] as const;

describe.each(MARKETS)('$name', { timeout: TEST_MS }, ({ slices, speed, intervalMs }) => {
  const isThere = slices.every(({ file }) => hasData(file));
  const outcomes = {} as Record<Run, Outcome>;
  const backtests = {} as Record<AccountId, BacktestStats>;
  let closes: ClosesBySymbol;

  beforeAll(async () => {
    if (!isThere) return;
    using replay = await createReplayWorld(slices);
    using slower = await createReplayWorld(slices, { FEED_SPEED: String(speed) });
    closes = replay.closes;
    outcomes.memory = await runToTheEnd(replay, memoryPorts);
    outcomes['memory in 8 shards'] = await runToTheEnd(replay, shardedMemoryPorts);
    outcomes.files = await runToTheEnd(replay, filePorts);
    outcomes['files, at a finite speed'] = await runToTheEnd(slower, filePorts);
    for (const id of ACCOUNT_IDS) backtests[id] = await backtestOf(replay, id);
  }, TEST_MS);

  it.skipIf(!isThere)('trades open and close, by signals and by stops', () => {
    const { events } = outcomes.memory;
    expect(typesOf(events.plain)).toMatchObject({ ACCOUNT_OPENED: 1 });
    for (const id of ACCOUNT_IDS) {
      const types = typesOf(events[id]);
      expect(types['TRADE_OPENED']).toBeGreaterThan(2);
      expect(types['TRADE_CLOSED']).toBeGreaterThan(2);
      expect(types['SIGNAL_DECIDED']).toBeGreaterThan(2);
    }
    expect(exitReasonsOf(events.plain)).toEqual(['SIGNAL']);
    expect(exitReasonsOf(events.careful)).toEqual(expect.arrayContaining(['STOP_LOSS', 'TAKE_PROFIT']));
  });

  it.skipIf(!isThere).each(RUNS.slice(1))('gives with %s the bytes that memory gives', (run) => {
    const { memory, [run]: other } = outcomes;
    for (const id of ACCOUNT_IDS) expect(firstDifference(other.events[id], memory.events[id])).toBeNull();
    expect(firstDifference(other.signals, memory.signals)).toBeNull();
  });

  it.skipIf(!isThere).each(ACCOUNT_IDS)('gives in a backtest the trades that a replay gives: %s', (id) => {
    const { trades, openTrades, denials } = backtests[id];
    const replayed = [...outcomes.memory.trades[id]].sort((a, b) => a.openedSeq - b.openedSeq);
    const tested = [...trades, ...openTrades].sort((a, b) => a.openedSeq - b.openedSeq);
    expect(tested.map(withoutAccount)).toEqual(replayed.map(withoutAccount));
    const denied = [...denials.values()].reduce((sum, count) => sum + count, 0);
    expect(denied).toBe(typesOf(outcomes.memory.events[id])['SIGNAL_DECIDED']);
  });

  it.skipIf(!isThere).each(RUNS)('keeps the books to the last digit at every commit with %s', (run) => {
    const { journal, events, accounts, prices } = outcomes[run];
    const audited = auditJournal(journal, closes, intervalMs);
    expect(flawsOf(journal)).toEqual([]);
    for (const id of ACCOUNT_IDS) {
      expect(firstDifference(events[id], audited.texts[id])).toBeNull();
      expect(audited.auditors[id].seq).toBe(events[id].length);
    }
    const books = new Map(prices.map((book) => [book.symbol, book]));
    expect(accounts.map(({ account }) => account.id).sort()).toEqual([...ACCOUNT_IDS].sort());
    for (const view of accounts) checkView(view, audited.auditors[view.account.id as AccountId], books);
  });

  it.skipIf(!isThere).each(WRONG)('has an auditor who finds a wrong %s of a closed trade', (field) => {
    const texts = outcomes.memory.events.plain;
    const index = texts.findIndex((text) => text.includes('"TRADE_CLOSED"'));
    const event = JSON.parse(texts[index]!) as { trade: Record<string, string> };
    const wrong = { ...event, trade: { ...event.trade, [field]: `${event.trade[field]}1` } };
    const auditor = createAuditor({ accountId: 'plain', closes, intervalMs });
    for (const text of texts.slice(0, index)) auditor.take(text);
    expect(() => auditor.take(JSON.stringify(wrong))).toThrow(`.${field}: expected`);
  });

  it.skipIf(!isThere).each(RUNS)('draws the equity that candles and trades give with %s', (run) => {
    const { equity, events } = outcomes[run];
    for (const id of ACCOUNT_IDS) {
      const found = equity[id].map(({ time, equity: money, balance }) => [
        time,
        formatMoney(money),
        formatMoney(balance),
      ]);
      const audited = equityAt(
        events[id],
        { accountId: id, closes, intervalMs },
        equity[id].map(({ time }) => time),
      );
      expect(found).toEqual(audited);
      expect(found.length).toBeGreaterThan(10);
    }
  });

  it.skipIf(!isThere).each(RUNS)('has nothing to complain about with %s', (run) => {
    expect(outcomes[run].complaints).toEqual([]);
  });
});

const backtestOf = async ({ config }: ReplayWorld, id: AccountId): Promise<BacktestStats> => {
  const files = config.FEED.kind === 'replay' ? config.FEED.files : [];
  const settings = parseSettingsPatch(ACCOUNTS[id]);
  const { backtest } = await backtestFiles(silentLog, { config, files, settings, volumeShare: null });
  return backtest.stats;
};

/** An account's name stands in its id and in that of the trade. */
const withoutAccount = ({ accountId, id, ...trade }: Trade) => ({ ...trade, id: id.slice(accountId.length) });

const typesOf = (texts: readonly string[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const text of texts) {
    const { type } = JSON.parse(text) as { type: string };
    counts[type] = (counts[type] ?? 0) + 1;
  }
  return counts;
};

const exitReasonsOf = (texts: readonly string[]): string[] => {
  const trades = texts.map((text) => JSON.parse(text) as { trade?: { exitReason: string | null } });
  return [...new Set(trades.flatMap(({ trade }) => trade?.exitReason ?? []))].sort();
};

/** Takes the events entry by entry; after each the equity of every account follows from the entry's prices. */
function auditJournal(journal: readonly JournalEntry[], closes: ClosesBySymbol, intervalMs: number) {
  const auditors = Object.fromEntries(
    ACCOUNT_IDS.map((accountId) => [accountId, createAuditor({ accountId, closes, intervalMs })]),
  ) as Record<AccountId, Auditor>;
  const texts = Object.fromEntries(ACCOUNT_IDS.map((id) => [id, [] as string[]])) as Record<AccountId, string[]>;
  const books = new Map<string, PriceBook>();
  let current = 0;
  for (const { shard, events, prices, marks } of journal) {
    if (shard !== current) books.clear();
    current = shard;
    for (const event of events) {
      const text = Buffer.from(encodeTradingEvent(event)).toString();
      texts[event.accountId as AccountId].push(text);
      auditors[event.accountId as AccountId].take(text);
    }
    for (const book of prices) books.set(book.symbol, book);
    for (const { accountId, peakEquity, maxDrawdown } of marks) {
      const equity = auditors[accountId as AccountId].equityAt(newestOf(books));
      expect(units(formatMoney(peakEquity))).toBeGreaterThanOrEqual(equity);
      expect(units(formatMoney(peakEquity)) - equity).toBeLessThanOrEqual(units(formatMoney(maxDrawdown)));
    }
  }
  return { auditors, texts };
}

const newestOf = (books: ReadonlyMap<string, PriceBook>) => (symbol: string) => {
  const price = books.get(symbol)?.newest?.price;
  if (price === undefined) throw new Error(`expected a price of ${symbol}`);
  return units(formatPrice(price));
};

/** What the read model answers together is what the events come to. */
function checkView(view: Outcome['accounts'][number], auditor: Auditor, books: ReadonlyMap<string, PriceBook>): void {
  const { account, openTrades } = view;
  const priceOf = newestOf(books);
  expect(account.seq).toBe(auditor.seq);
  expect(units(formatMoney(account.cash))).toBe(auditor.cash);
  expect(openTrades.map(({ id }) => id).sort()).toEqual([...auditor.open.keys()].sort());
  let unrealized = 0n;
  for (const { id, symbol, cost } of openTrades) {
    const held = auditor.open.get(id)!;
    expect(units(formatMoney(cost))).toBe(held.cost);
    unrealized += timesDown(held.amount, priceOf(symbol)) - held.cost;
  }
  const equity = units(formatMoney(account.balance)) + unrealized - units(formatMoney(account.openEntryFees));
  expect(equity).toBe(auditor.equityAt(priceOf));
}

/** Equity and balance at these times, from the events and the files. */
function equityAt(texts: readonly string[], options: Parameters<typeof createAuditor>[0], times: readonly number[]) {
  const auditor = createAuditor(options);
  const { closes, intervalMs } = options;
  let next = 0;
  return times.map((time) => {
    while (next < texts.length && (JSON.parse(texts[next]!) as { time: number }).time <= time)
      auditor.take(texts[next++]!);
    const equity = auditor.equityAt((symbol) => units(lastClose(closes, symbol, time - intervalMs, intervalMs)));
    return [time, formatted(equity), formatted(auditor.initial + auditor.closed.pnl)];
  });
}

function lastClose(closes: ClosesBySymbol, symbol: string, openTime: number, intervalMs: number): string {
  const of = closes.get(symbol)!;
  for (let at = openTime; at > openTime - 1_000 * intervalMs; at -= intervalMs) {
    const close = of.get(at);
    if (close !== undefined) return close;
  }
  throw new Error(`expected a candle of ${symbol} before ${openTime}`);
}

/** Units of 1e-12 as money. */
const formatted = (value: bigint): string => formatMoney((value / 10_000n) as Parameters<typeof formatMoney>[0]);
