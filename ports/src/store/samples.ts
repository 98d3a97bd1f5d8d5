/** Valid entries and rows for tests of stores and of what reads them; events: sample-books.ts. */
import type { Account, Command, CommandStep, Instant, MarketCandle, Money, PriceBook, Rate } from '@kairos/schema';
import { DAY_MS, MINUTE_MS, parseAmount, parseMoney, parsePrice, parseRate } from '@kairos/schema';
import type { AccountMark, JournalEntry, WorldNotes } from './journal.js';
import type { ReadModelRows, StoredEquityPoint, StoredSignal } from './read-models.js';

/** 2023-11-14T00:00Z: where the world time of samples begins. */
export const SAMPLE_TIME = 1_699_920_000_000 as Instant;
/** Wall time of samples: a year later. */
export const SAMPLE_WALL_TIME = (SAMPLE_TIME + 365 * DAY_MS) as Instant;

export const sampleTime = (minutes: number): Instant => (SAMPLE_TIME + minutes * MINUTE_MS) as Instant;

export const NO_ROWS: ReadModelRows = { candles: [], signals: [], equity: [], commands: [], steps: [] };

export const NO_NOTES: WorldNotes = {
  hasPredictor: false,
  firstSignalWaitEndedAt: null,
  feedEndedAt: null,
  round: null,
  partial: [],
};

/** An entry without events; everything may be named. */
export const sampleEntry = (fields: Partial<JournalEntry> = {}): JournalEntry => ({
  shard: 0,
  entry: 1,
  epoch: 1,
  owner: 'trader-a',
  worldTime: SAMPLE_TIME,
  committedAt: SAMPLE_WALL_TIME,
  positions: {},
  events: [],
  prices: [],
  marks: [],
  signals: [],
  deadLetters: [],
  notes: NO_NOTES,
  publishedThrough: 0,
  ...fields,
});

/** A newly opened account. */
export const sampleAccount = (fields: Partial<Account> = {}): Account => ({
  id: 'acc-1',
  userId: 'user-1',
  name: 'Paper',
  mode: 'PAPER',
  feed: 'REPLAY',
  status: 'RUNNING',
  statusChangedBy: null,
  statusReason: null,
  statusChangedAt: null,
  quoteCurrency: 'USDT',
  initialBalance: parseMoney('5000'),
  cash: parseMoney('5000'),
  balance: parseMoney('5000'),
  realizedPnl: 0n as Money,
  openEntryFees: 0n as Money,
  feesPaid: 0n as Money,
  settings: {
    symbols: ['BTCUSDT', 'ETHUSDT'],
    minConfidence: 0.75,
    riskPerTrade: parseRate('0.5'),
    commission: parseRate('0.001'),
    slippage: 0n as Rate,
    maxOpenPositions: 10,
    stopLoss: null,
    takeProfit: parseRate('0.05'),
    trailingStop: null,
    cooldownSeconds: 0,
    dailyLossLimit: null,
    maxDrawdown: null,
  },
  seq: 0,
  openTrades: 0,
  closedTrades: 0,
  wins: 0,
  losses: 0,
  ...fields,
});

export const sampleMark = (accountId: string, fields: Partial<AccountMark> = {}): AccountMark => ({
  accountId,
  dayStart: SAMPLE_TIME,
  dayOpeningEquity: parseMoney('5000'),
  dayRealizedPnl: 0n as Money,
  peakEquity: parseMoney('5000'),
  maxDrawdown: 0n as Money,
  maxDrawdownPercent: 0,
  openedByCommandAt: SAMPLE_WALL_TIME,
  resumedByCommandAt: null,
  stoppedByCommandAt: null,
  peakPrices: {},
  lastLossAt: {},
  stopCommands: [],
  closings: [],
  ...fields,
});

export const sampleCandle = (fields: Partial<MarketCandle> = {}): MarketCandle => ({
  symbol: 'BTCUSDT',
  interval: '1m',
  time: SAMPLE_TIME,
  open: parsePrice('68000.1'),
  high: parsePrice('68300'),
  low: parsePrice('67999.123456789012'),
  close: parsePrice('68234'),
  volume: parseAmount('12.34567891'),
  closed: true,
  at: ((fields.time ?? SAMPLE_TIME) + MINUTE_MS) as Instant,
  source: 'sample',
  last: false,
  ...fields,
});

export const sampleSignal = (fields: Partial<StoredSignal> = {}): StoredSignal => {
  const { symbol = 'BTCUSDT', time = SAMPLE_TIME, action = 'HOLD' } = fields;
  return {
    id: `${symbol}:${time}:${action}`,
    symbol,
    action,
    confidence: 0.8,
    price: parsePrice('68234'),
    time,
    source: 'kairos-predictor',
    horizonSeconds: 300,
    votes: { linearRegression: 0.0012, knn: 0.7, regime: 'TRENDING_UP' },
    receivedAt: SAMPLE_WALL_TIME,
    ...fields,
  };
};

export const samplePoint = (accountId: string, minutes: number, equity: string): StoredEquityPoint => ({
  accountId,
  time: sampleTime(minutes),
  equity: parseMoney(equity),
  balance: parseMoney('5000'),
});

export const samplePriceBook = (symbol: string, price: string, minutes: number): PriceBook => {
  const known = { price: parsePrice(price), at: sampleTime(minutes) };
  return { symbol, market: known, newest: { ...known, source: 'MARKET' }, entry: null };
};

export const sampleCommand = (fields: Partial<Command> = {}): Command => ({
  id: 'cmd-1',
  action: 'STOP_BOT',
  accountId: null,
  tradeId: null,
  settings: null,
  account: null,
  issuedBy: 'admin',
  reason: null,
  time: SAMPLE_WALL_TIME,
  signature: null,
  ...fields,
});

export const sampleStep = (fields: Partial<CommandStep> = {}): CommandStep => ({
  time: SAMPLE_TIME,
  accountId: 'acc-1',
  kind: 'STOPPED',
  tradeId: null,
  symbol: null,
  price: null,
  error: null,
  refusal: null,
  ...fields,
});

/** Appends entries one after the other with the numbers of one owner. */
export interface SampleJournal {
  /** The next entry: its marks are those given, and a fresh one for each account that it opens. */
  next(fields?: Partial<JournalEntry>): JournalEntry;
}

export function createSampleJournal(base: Partial<JournalEntry> = {}): SampleJournal {
  let last = (base.entry ?? 1) - 1;
  return {
    next(fields = {}) {
      last += 1;
      const opened = (fields.events ?? []).filter((event) => event.type === 'ACCOUNT_OPENED');
      const marks = opened.map((event) => sampleMark(event.accountId));
      const committedAt = (SAMPLE_WALL_TIME + last) as Instant;
      return sampleEntry({ ...base, committedAt, marks, ...fields, entry: last });
    },
  };
}
