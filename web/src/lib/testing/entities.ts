/** Small valid things to build tests from. */
import type { Account, Command, Decision, LivePnl, Signal, SystemStatus, Trade } from '../api/fragments.js';

const TIME = '2024-08-05T12:00:00.000Z';

export const trade = (over: Partial<Trade> = {}): Trade => ({
  id: 't1',
  accountId: 'a1',
  seq: 2,
  symbol: 'BTCUSDT',
  action: 'BUY',
  status: 'OPEN',
  amount: '0.03663862',
  entryPrice: '68234',
  cost: '2499.99959708',
  entryFee: '2.4999996',
  entryTime: TIME,
  confidence: 0.8,
  stopLossPrice: null,
  takeProfitPrice: null,
  exitPrice: null,
  revenue: null,
  exitFee: null,
  exitTime: null,
  exitReason: null,
  pnl: null,
  pnlPercent: null,
  currentPrice: null,
  unrealizedPnl: null,
  ...over,
});

export const signal = (over: Partial<Signal> = {}): Signal => ({
  id: 's1',
  symbol: 'BTCUSDT',
  action: 'BUY',
  confidence: 0.71,
  price: '68234',
  time: TIME,
  receivedAt: TIME,
  source: 'kairos-predictor',
  ...over,
});

export const decision = (over: Partial<Decision> = {}): Decision => ({
  id: 'a1:3',
  accountId: 'a1',
  seq: 3,
  outcome: 'DENIED',
  reason: 'LOW_CONFIDENCE',
  observed: '0.71',
  limit: '0.75',
  time: TIME,
  trade: null,
  signal: signal(),
  ...over,
});

export const livePnl = (over: Partial<LivePnl> = {}): LivePnl => ({
  accountId: 'a1',
  seq: 3,
  time: TIME,
  sentAt: TIME,
  priceAgeMs: 400,
  mode: 'PAPER',
  status: 'RUNNING',
  cash: '2497.50040332',
  balance: '5000',
  equity: '4997.50000040',
  realizedPnl: '0',
  unrealizedPnl: '0',
  openEntryFees: '2.4999996',
  todayPnl: '-2.4999996',
  todayPercent: -0.05,
  dayOpeningEquity: '5000',
  totalTrades: 1,
  openTrades: 1,
  closedTrades: 0,
  wins: 0,
  losses: 0,
  winRate: null,
  positions: [],
  entryBlocks: [],
  ...over,
});

export const position = (over: Partial<LivePnl['positions'][number]> = {}): LivePnl['positions'][number] => ({
  id: 't1',
  symbol: 'BTCUSDT',
  amount: '0.03663862',
  entryPrice: '68234',
  currentPrice: '68891',
  priceTime: TIME,
  currentValue: '2524.07117042',
  unrealizedPnl: '24.07157334',
  unrealizedPnlPercent: 0.96,
  confidence: 0.8,
  openedAt: TIME,
  heldSeconds: 4_320,
  stopLossPrice: null,
  takeProfitPrice: null,
  ...over,
});

export const account = (over: Partial<Account> = {}): Account => ({
  id: 'a1',
  name: 'Main account',
  mode: 'PAPER',
  feed: 'SIMULATOR',
  status: 'RUNNING',
  statusChangedBy: null,
  statusReason: null,
  statusChangedAt: null,
  quoteCurrency: 'USDT',
  initialBalance: '5000',
  seq: 3,
  createdAt: TIME,
  settings: {
    symbols: ['BTCUSDT', 'ETHUSDT'],
    minConfidence: 0.75,
    riskPerTrade: '0.5',
    commission: '0.001',
    slippage: '0',
    maxOpenPositions: 10,
    stopLoss: null,
    takeProfit: '0.04',
    trailingStop: null,
    cooldownSeconds: 0,
    dailyLossLimit: null,
    maxDrawdown: null,
  },
  ...over,
});

type Component = SystemStatus['components'][number];

export const component = (name: string, over: Partial<Component> = {}): Component => ({
  name,
  healthy: true,
  detail: 'well',
  latencyMs: null,
  lag: null,
  lastSeen: TIME,
  ...over,
});

export const system = (over: Partial<SystemStatus> = {}): SystemStatus => ({
  feed: 'SIMULATOR',
  feedName: 'simulator',
  feedSpeed: 60,
  feedLastSeenAt: TIME,
  feedEndedAt: null,
  serverTime: TIME,
  worldTime: TIME,
  healthy: true,
  version: '0.1.0',
  components: ['feed', 'predictor', 'trader', 'bus', 'store'].map((name) => component(name)),
  ...over,
});

type Step = Command['steps'][number];

export const step = (kind: Step['kind'], over: Partial<Step> = {}): Step => ({
  time: TIME,
  accountId: 'a1',
  kind,
  tradeId: null,
  symbol: null,
  price: null,
  error: null,
  ...over,
});

export const command = (over: Partial<Command> = {}): Command => ({
  id: 'c1',
  action: 'STOP_BOT',
  accountIds: ['a1'],
  status: 'SENT',
  issuedBy: 'admin',
  reason: null,
  sentAt: TIME,
  steps: [],
  ...over,
});
