/** The books in double entry: nothing comes from nowhere, nothing drifts, and books that break stop their account. */
import type { AccountSettings, Amount, Money, Price, Trade } from '@kairos/schema';
import { parseMoney } from '@kairos/schema';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fillEntry, fillExit } from '../matching/fill.js';
import type { Scenario } from '../scenario.fixture.js';
import { scenario, SETTINGS } from '../scenario.fixture.js';
import type { ClosedTrade } from './books.js';
import { brokenRule, withClosed, withOpened } from './books.js';
import type { Ledger, Posting } from './ledger.js';
import { assetsOf, cashOf, feesOf, ledgerOf, post, postFill } from './ledger.js';

/** R6: round trips without drift. 1,000,000 take about a minute: `ROUND_TRIPS=1000000`. */
const ROUND_TRIPS = Number(process.env['ROUND_TRIPS'] ?? 20_000);

const sumOf = ({ cash, capital, market, fees }: Posting): bigint => cash + capital + market + fees;

/** A generator of numbers below 2^32, the same for the same seed. */
function seeded(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

describe('a posting', () => {
  it('that does not sum to zero is refused, and nothing of it is posted', () => {
    fc.assert(
      fc.property(fc.bigInt(), fc.bigInt(), fc.bigInt(), fc.bigInt(), (cash, capital, market, fees) => {
        const posting = { cash, capital, market, fees };
        const balances = { cash: 0n, capital: 0n, market: 0n, fees: 0n };
        if (sumOf(posting) === 0n) post(balances, posting);
        else expect(() => post(balances, posting)).toThrow('a posting sums to zero');
        expect(sumOf(balances)).toBe(0n);
      }),
    );
  });
});

const price = fc.integer({ min: 80_000, max: 125_000 }).map((value) => (value / 1_000).toString());
const fill = fc.tuple(fc.constantFrom('BTCUSDT', 'ETHUSDT', 'ADAUSDT'), price, fc.boolean());

function play(world: Scenario, fills: readonly (readonly [string, string, boolean])[]): void {
  for (const [symbol, at, isBuy] of fills) {
    if (isBuy) world.buy(at, { symbol });
    else world.sell(at, { symbol });
  }
}

describe('the ledger of an account', () => {
  it('sums to zero per asset after any fills, and says what the account says', () => {
    fc.assert(
      fc.property(fc.array(fill, { maxLength: 60 }), (fills) => {
        const world = scenario();
        play(world, fills);
        const { account, ledger, openTrades } = world.account();
        expect(sumOf(ledger.quote)).toBe(0n);
        expect([...ledger.coins.values()].map(sumOf)).toEqual([...ledger.coins.keys()].map(() => 0n));
        expect([cashOf(ledger), feesOf(ledger)]).toEqual([account.cash, account.feesPaid]);
        const assets = new Map<string, bigint>([['USDT', account.cash]]);
        for (const { symbol, amount } of openTrades.values()) assets.set(symbol.replace('USDT', ''), amount);
        expect(assetsOf(ledger, 'USDT')).toEqual(assets);
      }),
      { numRuns: 60 },
    );
  });

  it('is the same when it is begun anew from the account’s figures, as after a restart', () => {
    fc.assert(
      fc.property(fc.array(fill, { maxLength: 60 }), (fills) => {
        const world = scenario();
        play(world, fills);
        const { account, ledger, openTrades } = world.account();
        expect(ledgerOf(account, [...openTrades.values()])).toEqual(ledger);
      }),
      { numRuns: 60 },
    );
  });
});

/** An account's books, by themselves. */
function booksOf(settings: AccountSettings) {
  const { account: opened } = scenario({ balance: '5000' }).account();
  let account = { ...opened, settings };
  const ledger: Ledger = ledgerOf(account, []);
  const none = new Map<string, Trade>();
  return {
    settings,
    account: () => account,
    ledger,
    roundTrip(entry: Price, exit: Price): void {
      const { amount, entryPrice, cost, entryFee } = fillEntry(account.cash, entry, settings);
      if (amount === 0n) return;
      const trade = { symbol: 'BTCUSDT', status: 'OPEN', amount, entryPrice, cost, entryFee, seq: 0 } as Trade;
      account = { ...withOpened(account, trade), settings };
      postFill(ledger, trade);
      const closed = { ...trade, status: 'CLOSED', ...fillExit(trade, exit, settings) } as ClosedTrade;
      account = { ...withClosed(account, closed), settings };
      postFill(ledger, closed);
      const broken = brokenRule({ account, openTrades: none, ledger } as never, closed);
      if (broken !== null) throw new Error(`${broken}: ${String(entry)} to ${String(exit)}`);
    },
  };
}

describe('random round trips', () => {
  it(`leave no drift: ${ROUND_TRIPS} of them, to the last digit`, () => {
    const random = seeded(20_240_801);
    const commission = () => BigInt(random(500_000)) as AccountSettings['commission'];
    let books = booksOf(SETTINGS);
    let [pnl, fees] = [0n, 0n];
    for (let i = 0; i < ROUND_TRIPS; i++) {
      if (i % 1_000 === 0) {
        books = booksOf({ ...SETTINGS, commission: commission(), slippage: commission() });
        [pnl, fees] = [0n, 0n];
      }
      const before = books.account();
      const entry = (BigInt(random(1_000_000_000) + 1) * 10n ** BigInt(random(9) + 1)) as Price;
      const exit = ((entry * BigInt(990_000 + random(20_500))) / 1_000_000n + 1n) as Price;
      books.roundTrip(entry, exit);
      pnl += books.account().realizedPnl - before.realizedPnl;
      fees += books.account().feesPaid - before.feesPaid;
    }
    const account = books.account();
    expect(account.cash).toBe(account.initialBalance + pnl);
    expect([account.realizedPnl, account.feesPaid]).toEqual([pnl, fees]);
    expect(account.balance).toBe(account.cash);
    expect([sumOf(books.ledger.quote), books.ledger.coins.size]).toEqual([0n, 0]);
  }, 600_000);
});

describe('books that break a rule', () => {
  const BREAKS: readonly (readonly [string, (world: Scenario) => void])[] = [
    ['cash is what the ledger says', (world) => void (world.account().ledger.quote.cash += 1n)],
    ['feesPaid is what the ledger says', (world) => void (world.account().ledger.quote.fees -= 1n)],
    ['cash is never below 0', (world) => void patch(world, { cash: parseMoney('-9000') })],
    ['openTrades counts the open positions', (world) => void patch(world, { openTrades: 7 })],
    ['initialBalance is what was paid in', (world) => void patch(world, { initialBalance: 1n as Money })],
    [
      'cash = balance − Σ (cost + entry fee) of open trades',
      (world) => void patch(world, { realizedPnl: 1n as Money }),
    ],
  ];

  function patch(world: Scenario, fields: object): void {
    const own = world.account();
    own.account = { ...own.account, ...fields };
  }

  it.each(BREAKS)('halt entries within the same event, and say so: %s', (rule, breakIt) => {
    const world = scenario();
    world.open('other');
    world.buy('100');
    breakIt(world);
    const events = world
      .wait(1)
      .sell('100')
      .filter(({ accountId }) => accountId === 'main');
    expect(events.map(({ type }) => type)).toEqual(['TRADE_CLOSED', 'TRADING_PAUSED']);
    expect(events[1]?.account).toMatchObject({
      status: 'PAUSED',
      statusChangedBy: 'kairos',
      statusReason: `broken rule: ${rule}`,
    });
    const after = world.wait(1).buy('100');
    expect(after.map(({ decision }) => decision?.reason ?? decision?.outcome)).toEqual(['TRADING_PAUSED', 'OPENED']);
  });

  it('let what is open be closed', () => {
    const world = scenario({ settings: { stopLoss: '0.05' } });
    world.price('100');
    world.buy('100');
    world.buy('100', { symbol: 'ETHUSDT' });
    world.account().ledger.quote.cash += 1n;
    world.wait(1).sell('100', { symbol: 'ETHUSDT' });
    expect(world.account().account.status).toBe('PAUSED');
    expect(world.wait(1).price('90')[0]).toMatchObject({ type: 'TRADE_CLOSED', trade: { exitReason: 'STOP_LOSS' } });
  });

  it('are told of where someone else has paused the account, once', () => {
    const world = scenario({ settings: { stopLoss: '0.05' } });
    world.price('100');
    world.buy('100');
    world.buy('100', { symbol: 'ETHUSDT' });
    world.command({ action: 'PAUSE_BOT' });
    world.account().ledger.quote.cash += 1n;
    const told = [...world.wait(1).sell('100', { symbol: 'ETHUSDT' }), ...world.wait(1).price('90')];
    expect(told.map(({ type }) => type)).toEqual(['TRADE_CLOSED', 'TRADING_PAUSED', 'TRADE_CLOSED']);
    expect(told[1]?.account).toMatchObject({
      statusChangedBy: 'kairos',
      statusReason: expect.stringMatching(/^broken rule/) as string,
    });
  });

  it('are those that hold more than one position says', () => {
    const world = scenario({ settings: { commission: '0', riskPerTrade: '0.1' } });
    const [opened] = world.buy('100');
    const { ledger } = world.account();
    if (!opened?.trade) throw new Error('expected a trade');
    postFill(ledger, { ...opened.trade, cost: 0n as Money, entryFee: 0n as Money });
    expect(brokenRule(world.account(), opened.trade)).toContain('one open position per symbol');
    const none = { ...opened.trade, amount: 0n as Amount };
    expect(brokenRule(world.account(), none)).toBe('every position has an amount above 0');
  });
});
