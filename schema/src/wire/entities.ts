/** JSON codecs of the trading types: the same on the bus, in the journal and in the read models. */
import type { CommandStep } from '../command/progress.js';
import { COMMAND_STEP_KINDS } from '../command/progress.js';
import type { TradingEvent } from '../event/event.js';
import { TRADING_EVENT_TYPES } from '../event/event.js';
import type { MarketCandle } from '../market/candle.js';
import { parseInterval } from '../market/interval.js';
import type { KnownPrice, PriceBook } from '../market/price-book.js';
import { FEED_KINDS } from '../market/world.js';
import type { Account } from '../trading/account.js';
import { ACCOUNT_MODES, TRADING_STATUSES } from '../trading/account.js';
import type { Decision } from '../trading/decision.js';
import { DECISION_OUTCOMES, DENIAL_REASONS } from '../trading/decision.js';
import type { AccountSettings } from '../trading/settings.js';
import { parseSettingsPatch, SETTING_NAMES, settingsToJson } from '../trading/settings.js';
import type { ModelVotes, Signal } from '../trading/signal.js';
import { MARKET_REGIMES, SIGNAL_ACTIONS } from '../trading/signal.js';
import type { Trade } from '../trading/trade.js';
import { EXIT_REASONS, TRADE_STATUSES } from '../trading/trade.js';
import { ValueError } from '../value/errors.js';
import { remembered } from '../value/remembered.js';
import type { FieldCodec, FieldTable } from './json-fields.js';
import { jsonCodec, nullable } from './json-fields.js';
import { listOf, textCodec } from './marks.js';
import { oneOf } from './scalar.js';

const word = (words: readonly string[]): FieldCodec => ({ write: (value) => value, read: oneOf(words) });
const wordOrNull = (words: readonly string[]): FieldCodec => ({
  write: (value) => value,
  read: (input) => (input === null || input === undefined ? null : oneOf(words)(input)),
});

/** The settings of an account, field by field. */
export const SETTINGS_FIELDS: FieldTable<AccountSettings> = {
  symbols: listOf(textCodec),
  minConfidence: 'number',
  riskPerTrade: 'rate',
  commission: 'rate',
  slippage: 'rate',
  maxOpenPositions: 'number',
  stopLoss: 'rate?',
  takeProfit: 'rate?',
  trailingStop: 'rate?',
  cooldownSeconds: 'number',
  dailyLossLimit: 'rate?',
  maxDrawdown: 'rate?',
};

const settingsField: FieldCodec = {
  parts: { fields: SETTINGS_FIELDS, isRepeated: true },
  write: remembered((settings: AccountSettings) => Object.freeze(settingsToJson(settings))),
  read(input) {
    const settings = parseSettingsPatch(input);
    const missing = SETTING_NAMES.filter((name) => settings[name] === undefined);
    if (missing.length > 0) throw new ValueError(`settings with ${missing.join(', ')}`, input);
    return settings;
  },
};

export const accountCodec = jsonCodec<Account>('account', {
  id: 'text',
  userId: 'text',
  name: 'text',
  mode: word(ACCOUNT_MODES),
  feed: word(FEED_KINDS),
  status: word(TRADING_STATUSES),
  statusChangedBy: 'text?',
  statusReason: 'text?',
  statusChangedAt: 'instant?',
  quoteCurrency: 'text',
  initialBalance: 'money',
  cash: 'money',
  balance: 'money',
  realizedPnl: 'money',
  openEntryFees: 'money',
  feesPaid: 'money',
  settings: settingsField,
  seq: 'number',
  openTrades: 'number',
  closedTrades: 'number',
  wins: 'number',
  losses: 'number',
});

export const tradeCodec = jsonCodec<Trade>('trade', {
  id: 'text',
  accountId: 'text',
  seq: 'number',
  openedSeq: 'number',
  symbol: 'text',
  action: word(['BUY']),
  status: word(TRADE_STATUSES),
  amount: 'amount',
  entryPrice: 'price',
  cost: 'money',
  entryFee: 'money',
  entryTime: 'instant',
  confidence: 'number',
  regime: wordOrNull(MARKET_REGIMES),
  stopLossPrice: 'price?',
  takeProfitPrice: 'price?',
  entrySignalId: 'text',
  exitPrice: 'price?',
  revenue: 'money?',
  exitFee: 'money?',
  exitTime: 'instant?',
  exitReason: wordOrNull(EXIT_REASONS),
  pnl: 'money?',
  exitSignalId: 'text?',
  exitCommandId: 'text?',
});

export const decisionCodec = jsonCodec<Decision>('decision', {
  id: 'text',
  accountId: 'text',
  seq: 'number',
  signalId: 'text',
  outcome: word(DECISION_OUTCOMES),
  reason: wordOrNull(DENIAL_REASONS),
  observed: 'text?',
  limit: 'text?',
  tradeId: 'text?',
  time: 'instant',
});

export const stepCodec = jsonCodec<CommandStep>('step', {
  time: 'instant',
  accountId: 'text',
  kind: word(COMMAND_STEP_KINDS),
  tradeId: 'text?',
  symbol: 'text?',
  price: 'price?',
  error: 'text?',
  refusal: wordOrNull(['EXPIRED', 'NOT_ALLOWED', 'NOT_FOUND', 'NOT_SIGNED', 'NOT_VALID']),
});

const votesCodec = jsonCodec<ModelVotes>('votes', {
  linearRegression: 'number',
  knn: 'number',
  regime: word(MARKET_REGIMES),
});

export const signalCodec = jsonCodec<Signal>('signal', {
  id: 'text',
  symbol: 'text',
  action: word(SIGNAL_ACTIONS),
  confidence: 'number',
  price: 'price',
  time: 'instant',
  source: 'text',
  horizonSeconds: 'number?',
  votes: nullable(votesCodec),
});

export const candleCodec = jsonCodec<MarketCandle>('candle', {
  symbol: 'text',
  interval: { write: (value) => value, read: parseInterval },
  time: 'instant',
  open: 'price',
  high: 'price',
  low: 'price',
  close: 'price',
  volume: 'amount',
  closed: 'boolean',
  at: 'instant',
  source: 'text',
  last: 'boolean',
});

const knownPriceCodec = jsonCodec<KnownPrice>('price', { price: 'price', at: 'instant' });
type NewestPrice = NonNullable<PriceBook['newest']>;
const newestPriceCodec = jsonCodec<NewestPrice>('price', {
  price: 'price',
  at: 'instant',
  source: word(['MARKET', 'SIGNAL']),
});

export const priceBookCodec = jsonCodec<PriceBook>('price book', {
  symbol: 'text',
  market: nullable(knownPriceCodec),
  newest: nullable(newestPriceCodec),
  entry: nullable(knownPriceCodec),
});

export const eventCodec = jsonCodec<TradingEvent>('event', {
  id: 'text',
  seq: 'number',
  type: word(TRADING_EVENT_TYPES),
  accountId: 'text',
  time: 'instant',
  causedBy: 'text',
  trade: nullable(tradeCodec),
  decision: nullable(decisionCodec),
  step: nullable(stepCodec),
  priceSource: wordOrNull(['MARKET', 'SIGNAL', 'ENTRY']),
  priceAgeMs: 'number?',
  error: 'text?',
  account: accountCodec,
});
