import { sampleAccount, sampleMark } from '@kairos/ports/testing';
import type { AccountView } from '@kairos/ports';
import type { Account, AccountSettings, Instant } from '@kairos/schema';
import { addMs, parseMoney, parseRate } from '@kairos/schema';
import { describe, expect, it } from 'vitest';
import { books, market, minutes, START } from '../../test/trading-fixture.js';
import { entryBlocksOf } from './entry-blocks.js';
import { valueAccount } from './valuation.js';

interface Given {
  readonly account?: Partial<Account>;
  readonly settings?: Partial<AccountSettings>;
  readonly mark?: Partial<AccountView['mark']>;
  readonly now?: Instant;
  readonly hasPosition?: boolean;
}

const NOW = minutes(60);
const DAY_END = addMs(START, 86_400_000);

function blocksOf({ account = {}, settings = {}, mark = {}, now = NOW, hasPosition = false }: Given) {
  const paper = books('acc-1', 'user-ada');
  if (hasPosition) paper.buys('BTCUSDT', '100', START);
  const base = { ...paper.account(), ...account };
  const view: AccountView = {
    account: { ...base, settings: { ...sampleAccount().settings, ...settings } },
    openTrades: paper.openTrades(),
    mark: sampleMark('acc-1', { dayStart: START, ...mark }),
    createdAt: START,
  };
  const priceBooks = new Map([['ETHUSDT', market('ETHUSDT', '100', START)]]);
  return entryBlocksOf({ view, valuation: valueAccount(view, priceBooks), books: priceBooks, now });
}

const CASES: readonly (readonly [string, Given, ReturnType<typeof blocksOf>])[] = [
  ['nothing', {}, []],
  ['a pause', { account: { status: 'PAUSED' } }, [{ symbol: null, reason: 'TRADING_PAUSED', until: null }]],
  ['a panic', { account: { status: 'STOPPING' } }, [{ symbol: null, reason: 'TRADING_STOPPED', until: null }]],
  ['a stop', { account: { status: 'STOPPED' } }, [{ symbol: null, reason: 'TRADING_STOPPED', until: null }]],
  ['a position', { hasPosition: true }, [{ symbol: 'BTCUSDT', reason: 'ALREADY_IN_POSITION', until: null }]],
  [
    'a loss within the cooldown',
    { settings: { cooldownSeconds: 600 }, mark: { lastLossAt: { BTCUSDT: minutes(55), ETHUSDT: minutes(50) } } },
    [{ symbol: 'BTCUSDT', reason: 'COOLDOWN', until: minutes(65) }],
  ],
  [
    'all positions taken',
    { hasPosition: true, settings: { maxOpenPositions: 1 } },
    [
      { symbol: 'BTCUSDT', reason: 'ALREADY_IN_POSITION', until: null },
      { symbol: null, reason: 'MAX_OPEN_POSITIONS', until: null },
    ],
  ],
  [
    'a day’s loss just within its limit',
    { settings: { dailyLossLimit: parseRate('0.01') }, mark: { dayRealizedPnl: parseMoney('-50') } },
    [],
  ],
  [
    'a day’s loss beyond its limit',
    { settings: { dailyLossLimit: parseRate('0.01') }, mark: { dayRealizedPnl: parseMoney('-50.00000001') } },
    [{ symbol: null, reason: 'DAILY_LOSS_LIMIT', until: DAY_END }],
  ],
  [
    'a loss of the day before',
    { settings: { dailyLossLimit: parseRate('0.01') }, mark: { dayRealizedPnl: parseMoney('-500') }, now: DAY_END },
    [],
  ],
  [
    'equity at its drawdown limit',
    { settings: { maxDrawdown: parseRate('0.2') }, mark: { peakEquity: parseMoney('6250') } },
    [{ symbol: null, reason: 'DRAWDOWN_LIMIT', until: null }],
  ],
  [
    'equity a hair above its drawdown limit',
    { settings: { maxDrawdown: parseRate('0.2') }, mark: { peakEquity: parseMoney('6249.99999999') } },
    [],
  ],
  ['no cash', { account: { cash: parseMoney('0') } }, [{ symbol: null, reason: 'INSUFFICIENT_FUNDS', until: null }]],
  [
    'cash that buys nothing of one symbol',
    { account: { cash: parseMoney('0.000001') } },
    [{ symbol: 'ETHUSDT', reason: 'INSUFFICIENT_FUNDS', until: null }],
  ],
];

describe('what blocks entries', () => {
  it.each(CASES)('%s', (_what, given, expected) => {
    expect(blocksOf(given)).toEqual(expected);
  });
});
