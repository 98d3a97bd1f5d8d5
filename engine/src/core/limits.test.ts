/** Each limit from both sides: the last value that passes and the first that does not, and which reason comes first. */
import type { DenialReason } from '@kairos/schema';
import { formatAmount, formatMoney, parseAmount, parseMoney, parseRate } from '@kairos/schema';
import { describe, expect, it } from 'vitest';
import { PAPER_FILLS } from './matching/fill-model.js';
import type { Scenario, ScenarioOptions } from './scenario.fixture.js';
import { scenario } from './scenario.fixture.js';

type Signal = Parameters<Scenario['signal']>[0];

interface Edge {
  readonly reason: DenialReason;
  readonly options?: ScenarioOptions;
  readonly given?: (world: Scenario) => unknown;
  /** The last that passes, and the first that does not. */
  readonly passes: Signal | ((world: Scenario) => Signal);
  readonly denied: Signal | ((world: Scenario) => Signal);
}

/** Enters ETHUSDT at 100 and leaves it, both without a fee. */
const roundTrip = (exit: string) => (world: Scenario) => {
  world.buy('100', { symbol: 'ETHUSDT' });
  world.wait(1).sell(exit, { symbol: 'ETHUSDT' });
};
const fallTo = (price: string) => (world: Scenario) => {
  world.price(price, { symbol: 'ETHUSDT' });
  return {};
};
const NO_FEE = { commission: '0' };
const instrument =
  (minOrderValue: string | null, amountDecimals = 5) =>
  (world: Scenario) => {
    const known = { symbol: 'BTCUSDT', base: 'BTC', quote: 'USDT', priceDecimals: 2, amountDecimals };
    const value = minOrderValue === null ? null : parseMoney(minOrderValue);
    world.engine.step({ kind: 'instruments', wall: world.now(), instruments: [{ ...known, minOrderValue: value }] });
    return {};
  };
const afterSeconds = (seconds: number) => (world: Scenario) => {
  world.wait(seconds);
  return { symbol: 'ETHUSDT', price: '90' };
};
const settled = (patch: Record<string, unknown>) => ({ settings: { ...NO_FEE, ...patch } });

const EDGES: readonly Edge[] = [
  { reason: 'STALE', passes: { age: 120 }, denied: { age: 120.001 } },
  {
    reason: 'PRICE_OUT_OF_BAND',
    given: (world) => world.price('50000'),
    passes: { price: '60000' },
    denied: { price: '60000.000000000001' },
  },
  {
    reason: 'PRICE_OUT_OF_BAND',
    given: (world) => world.price('50000'),
    passes: { price: '40000' },
    denied: { price: '39999.999999999999' },
  },
  { reason: 'LOW_CONFIDENCE', passes: { confidence: 0.75 }, denied: { confidence: 0.7499999999 } },
  {
    reason: 'COOLDOWN',
    options: settled({ cooldownSeconds: 600 }),
    given: roundTrip('90'),
    passes: afterSeconds(600),
    denied: afterSeconds(599.999),
  },
  {
    reason: 'MAX_OPEN_POSITIONS',
    options: settled({ maxOpenPositions: 2 }),
    given: (world) => world.buy('100', { symbol: 'ETHUSDT' }),
    passes: {},
    denied: (world) => {
      world.buy('100', { symbol: 'ADAUSDT' });
      return {};
    },
  },
  {
    reason: 'DAILY_LOSS_LIMIT',
    options: settled({ dailyLossLimit: '0.05' }),
    passes: (world) => {
      roundTrip('90')(world);
      return {};
    },
    denied: (world) => {
      roundTrip('89.99999999')(world);
      return {};
    },
  },
  {
    reason: 'DRAWDOWN_LIMIT',
    options: settled({ maxDrawdown: '0.05' }),
    given: (world) => world.buy('100', { symbol: 'ETHUSDT' }),
    passes: fallTo('90.00000001'),
    denied: fallTo('90'),
  },
  {
    reason: 'INSUFFICIENT_FUNDS',
    options: { ...settled({}), balance: '1364.68' },
    given: instrument(null, 2),
    passes: {},
    denied: { price: '68234.000000000001' },
  },
  {
    reason: 'BELOW_MINIMUM_ORDER',
    options: settled({}),
    passes: instrument('2499.41142'),
    denied: instrument('2499.41142001'),
  },
];

describe('a limit', () => {
  it.each(EDGES.map((edge, index) => ({ index, ...edge })))('of $reason ($index) is met exactly', (edge) => {
    const outcomes = [edge.passes, edge.denied].map((signal) => {
      const world = scenario(edge.options);
      edge.given?.(world);
      const draft = typeof signal === 'function' ? signal(world) : signal;
      const [event] = world.signal(draft);
      return event?.decision?.reason ?? event?.decision?.outcome;
    });
    expect(outcomes).toEqual(['OPENED', edge.reason]);
  });
});

describe('when several apply', () => {
  it('the reasons come in the order of the contract, one after the other as the former ceases', () => {
    const world = scenario({
      settings: { maxOpenPositions: 2, cooldownSeconds: 10_000, dailyLossLimit: '0.01', maxDrawdown: '0.01' },
      rules: { fillModel: { ...PAPER_FILLS, refusalOf: ({ symbol }) => (symbol === 'BTCUSDT' ? 'no' : null) } },
    });
    const reasons: unknown[] = [];
    const note = (patch: Record<string, unknown> = {}, draft: Signal = {}) => {
      if (Object.keys(patch).length > 0) {
        world.command({ action: 'UPDATE_SETTINGS', settings: patch as never });
      }
      reasons.push(world.signal({ symbol: 'ETHUSDT', price: '90', ...draft })[0]?.decision?.reason);
    };
    world.buy('10', { symbol: 'ADAUSDT' });
    world.buy('100', { symbol: 'ETHUSDT' });
    note({}, { price: '100' });
    world.wait(1).sell('90', { symbol: 'ETHUSDT' });
    note({ maxOpenPositions: 1 });
    const btc = { symbol: 'BTCUSDT', price: '68234' };
    note({}, btc);
    note({ maxOpenPositions: 10 }, btc);
    note({ dailyLossLimit: null }, btc);
    instrument('1000000')(world);
    note({ maxDrawdown: null }, btc);
    instrument(null)(world);
    note({}, btc);
    expect(reasons).toEqual([
      'ALREADY_IN_POSITION',
      'COOLDOWN',
      'MAX_OPEN_POSITIONS',
      'DAILY_LOSS_LIMIT',
      'DRAWDOWN_LIMIT',
      'BELOW_MINIMUM_ORDER',
      'ORDER_REJECTED',
    ]);
  });

  it('a weak SELL of a stopped account is TRADING_STOPPED, then LOW_CONFIDENCE, then NO_POSITION', () => {
    const world = scenario();
    const sell = (confidence: number) => world.signal({ action: 'SELL', confidence })[0]?.decision?.reason;
    const weak = sell(0.1);
    const none = sell(0.9);
    world.command({ action: 'STOP_BOT' });
    expect([sell(0.1), weak, none]).toEqual(['TRADING_STOPPED', 'LOW_CONFIDENCE', 'NO_POSITION']);
  });
});

describe('a venue on which only so much is traded', () => {
  const thin = { fillModel: { ...PAPER_FILLS, volumeShare: parseRate('0.01') } };

  it('fills an entry up to its share of the newest candle’s volume, in whole steps, and the rest is cancelled', () => {
    const world = scenario({ rules: thin });
    world.price('68234');
    instrument(null, 3)(world);
    const [opened] = world.wait(1).buy('68234');
    expect(opened?.trade && formatAmount(opened.trade.amount)).toBe('0.01');
    expect(opened?.trade && formatMoney(opened.trade.cost)).toBe('682.34');
    expect(opened?.trade && formatMoney(opened.trade.entryFee)).toBe('0.68234');
    expect(opened && formatMoney(opened.account.cash)).toBe('4316.97766');
  });

  it('fills an order whole that is smaller, and while no candle is known', () => {
    const world = scenario({ rules: { fillModel: { ...PAPER_FILLS, volumeShare: parseRate('0.9') } } });
    expect(world.buy('68234', { symbol: 'ETHUSDT' })[0]?.trade?.amount).toBe(parseAmount('0.03663862'));
    world.price('68234');
    expect(world.wait(1).buy('68234')[0]?.trade?.amount).toBe(parseAmount('0.01830099'));
  });

  it('rejects an order of which not one step can be had', () => {
    const world = scenario({ rules: { fillModel: { ...PAPER_FILLS, volumeShare: parseRate('0.00999999') } } });
    world.price('68234');
    instrument(null, 2)(world);
    expect(world.wait(1).buy('68234')[0]?.decision).toMatchObject({ outcome: 'DENIED', reason: 'ORDER_REJECTED' });
  });
});
