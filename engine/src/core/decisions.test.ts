/** Every BUY and SELL gets exactly one decision; the reasons come in the contract's order of precedence. */
import type { DenialReason, Money } from '@kairos/schema';
import { parseMoney } from '@kairos/schema';
import { describe, expect, it } from 'vitest';
import type { Scenario, ScenarioOptions } from './scenario.fixture.js';
import { scenario, START } from './scenario.fixture.js';

interface Case {
  readonly reason: DenialReason;
  readonly when: string;
  readonly options?: ScenarioOptions;
  readonly given: (world: Scenario) => void;
  readonly signal: Parameters<Scenario['signal']>[0];
  readonly observed?: string;
  readonly limit?: string;
}

const stop = (world: Scenario) => world.command({ action: 'STOP_BOT' });
const pause = (world: Scenario) => world.command({ action: 'PAUSE_BOT' });

/** A losing round trip that leaves the account flat. */
function lose(world: Scenario): void {
  world.buy('100', { symbol: 'ETHUSDT' });
  world.wait(1).sell('90', { symbol: 'ETHUSDT' });
}

const DENIALS: readonly Case[] = [
  { reason: 'TRADING_STOPPED', when: 'stopped', given: stop, signal: {} },
  { reason: 'TRADING_STOPPED', when: 'stopped, SELL', given: stop, signal: { action: 'SELL' } },
  { reason: 'TRADING_PAUSED', when: 'paused', given: pause, signal: {} },
  {
    reason: 'STALE',
    when: 'older than MAX_SIGNAL_AGE_SECONDS',
    given: () => undefined,
    signal: { age: 121 },
    observed: '121',
    limit: '120',
  },
  {
    reason: 'PRICE_OUT_OF_BAND',
    when: 'further than PRICE_BAND from a fresh market price',
    given: (world) => world.price('50000'),
    signal: { price: '60000.1' },
    observed: '0.200002',
    limit: '0.2',
  },
  {
    reason: 'LOW_CONFIDENCE',
    when: 'under the minimum',
    given: () => undefined,
    signal: { confidence: 0.71 },
    observed: '0.71',
    limit: '0.75',
  },
  { reason: 'LOW_CONFIDENCE', when: 'a weak SELL', given: (w) => w.buy(), signal: { action: 'SELL', confidence: 0.7 } },
  { reason: 'NO_POSITION', when: 'nothing to sell', given: () => undefined, signal: { action: 'SELL' } },
  { reason: 'ALREADY_IN_POSITION', when: 'the symbol is held', given: (world) => world.buy(), signal: {} },
  {
    reason: 'COOLDOWN',
    when: 'after a losing exit of the symbol',
    options: { settings: { cooldownSeconds: 600 } },
    given: (world) => {
      lose(world);
      world.wait(300);
    },
    signal: { symbol: 'ETHUSDT', price: '90' },
    observed: '300',
    limit: '600',
  },
  {
    reason: 'MAX_OPEN_POSITIONS',
    when: 'the account holds as many as it may',
    options: { settings: { maxOpenPositions: 1 } },
    given: (world) => world.buy('100', { symbol: 'ETHUSDT' }),
    signal: {},
    observed: '1',
    limit: '1',
  },
  {
    reason: 'DAILY_LOSS_LIMIT',
    when: "the day's realized loss passes the limit",
    options: { settings: { dailyLossLimit: '0.04' } },
    given: lose,
    signal: {},
    observed: '0.05095',
    limit: '0.04',
  },
  {
    reason: 'DRAWDOWN_LIMIT',
    when: 'equity, open positions included, is too far below its peak',
    options: { settings: { maxDrawdown: '0.04' } },
    given: (world) => {
      world.buy('100', { symbol: 'ETHUSDT' });
      world.wait(1).price('90', { symbol: 'ETHUSDT' });
    },
    signal: {},
    observed: '0.0505',
    limit: '0.04',
  },
  {
    reason: 'INSUFFICIENT_FUNDS',
    when: 'the cash buys nothing',
    options: { balance: '0.00000001' },
    given: () => undefined,
    signal: {},
    observed: '0.00000001',
    limit: '0.00068234',
  },
  {
    reason: 'BELOW_MINIMUM_ORDER',
    when: 'the order is smaller than the venue takes',
    given: (world) =>
      world.engine.step({
        kind: 'instruments',
        wall: world.now(),
        instruments: [
          {
            symbol: 'BTCUSDT',
            base: 'BTC',
            quote: 'USDT',
            priceDecimals: 2,
            amountDecimals: 5,
            minOrderValue: parseMoney('2600') as Money,
          },
        ],
      }),
    signal: {},
    observed: '2499.41142',
    limit: '2600',
  },
];

describe('a denied signal', () => {
  it.each(DENIALS)('is $reason when $when', ({ options, given, signal, reason, observed, limit }) => {
    const world = scenario(options);
    given(world);
    const before = world.account().account;
    const events = world.signal({ ...signal, id: 'judged' });
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({ type: 'SIGNAL_DECIDED', causedBy: 'judged', trade: null, step: null });
    expect(events[0]?.decision).toMatchObject({
      outcome: 'DENIED',
      reason,
      observed: observed ?? events[0]?.decision?.observed,
      limit: limit ?? events[0]?.decision?.limit,
      signalId: 'judged',
      tradeId: null,
    });
    expect(world.account().account).toEqual({ ...before, seq: before.seq + 1 });
  });
});

describe('precedence', () => {
  it('names the first reason of the contract that applies', () => {
    const world = scenario({ settings: { maxOpenPositions: 1 } });
    world.price('68234');
    world.buy();
    const reasons: (DenialReason | null | undefined)[] = [];
    const weakOldAndFar = { confidence: 0.1, age: 300, price: '1' };
    pause(world);
    reasons.push(world.signal(weakOldAndFar)[0]?.decision?.reason);
    world.command({ action: 'RESUME_BOT' });
    reasons.push(world.signal(weakOldAndFar)[0]?.decision?.reason);
    reasons.push(world.signal({ ...weakOldAndFar, age: 0 })[0]?.decision?.reason);
    reasons.push(world.signal({ ...weakOldAndFar, age: 0, price: '68234' })[0]?.decision?.reason);
    reasons.push(world.signal({})[0]?.decision?.reason);
    stop(world);
    reasons.push(world.signal(weakOldAndFar)[0]?.decision?.reason);
    expect(reasons).toEqual([
      'TRADING_PAUSED',
      'STALE',
      'PRICE_OUT_OF_BAND',
      'LOW_CONFIDENCE',
      'ALREADY_IN_POSITION',
      'TRADING_STOPPED',
    ]);
  });
});

describe('exits are not held back', () => {
  it.each([
    { when: 'the SELL is stale', signal: { age: 3_600 } },
    { when: 'the account is paused', signal: {}, given: pause },
  ])('a position is closed although $when', ({ signal, given }) => {
    const world = scenario();
    world.buy();
    given?.(world);
    world.wait(5);
    expect(world.sell('68891', signal)[0]).toMatchObject({ type: 'TRADE_CLOSED', decision: { outcome: 'CLOSED' } });
  });

  it('a SELL out of band closes at the market price', () => {
    const world = scenario();
    world.price('68234');
    world.buy();
    world.wait(1).price('68500');
    const [closed] = world.wait(1).sell('10');
    expect(closed).toMatchObject({ type: 'TRADE_CLOSED', trade: { exitPrice: 68_500n * 10n ** 12n } });
  });
});

describe('a signal', () => {
  it('gives no decision when it says HOLD', () => {
    expect(scenario().signal({ action: 'HOLD' })).toEqual([]);
  });

  it('is decided once per account that trades its symbol, in order of opening', () => {
    const world = scenario();
    world.open('second');
    world.open('third', { symbols: ['XRPUSDT'] });
    expect(world.buy().map((event) => [event.accountId, event.type])).toEqual([
      ['main', 'TRADE_OPENED'],
      ['second', 'TRADE_OPENED'],
    ]);
  });

  it('that came before is not decided again', () => {
    const world = scenario();
    expect(world.buy('68234', { id: 'same' })).toHaveLength(1);
    expect(world.buy('68234', { id: 'same' })).toEqual([]);
  });

  it('whose id came before with another content is a conflict and never applied', () => {
    const world = scenario();
    world.signal({ id: 'same', action: 'HOLD' });
    const result = world.signalStep({ id: 'same', action: 'BUY' });
    expect(result.events).toEqual([]);
    expect(result.conflict).toContain('same');
  });

  it('is remembered for 48 h of world time', () => {
    const world = scenario();
    world.buy('68234', { id: 'same' });
    world.sell();
    world.wait(48 * 3_600 + 121).signal({ id: 'other', action: 'HOLD' });
    expect(world.engine.state.signals.has('same')).toBe(false);
    expect(world.engine.state.signals.has('other')).toBe(true);
  });

  it.each([
    { age: 24 * 3_600 + 1, found: 'at most 24 h' },
    { age: -6, found: 'ahead of now' },
  ])('is not valid $age s before now', ({ age, found }) => {
    const result = scenario().signalStep({ age });
    expect(result.invalid).toContain(found);
    expect(result.events).toEqual([]);
  });

  it('of a third party stamped by the wall clock is given now where time is not the clock’s', () => {
    const world = scenario({ world: 'REPLAY:x' });
    const inReplay = (START - 365 * 86_400_000) as typeof START;
    world.price('68234', { at: inReplay });
    const result = world.signalStep({ age: 30 });
    expect(result.signal?.time).toBe(inReplay);
    expect(result.events[0]?.type).toBe('TRADE_OPENED');
  });
});
