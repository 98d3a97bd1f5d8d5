/** Exits that prices trigger, and the one price that values positions. */
import { formatMoney, formatPrice } from '@kairos/schema';
import { describe, expect, it } from 'vitest';
import { equityOf } from './position/valuation.js';
import type { Scenario } from './scenario.fixture.js';
import { scenario, START } from './scenario.fixture.js';

const prices = (world: Scenario, ...path: string[]) =>
  path.flatMap((price) => [...world.wait(60).price(price)]).filter((event) => event.type === 'TRADE_CLOSED');

const EXITS = [
  { settings: { stopLoss: '0.05' }, path: ['96', '95.01'], reason: null, at: null },
  { settings: { stopLoss: '0.05' }, path: ['96', '95'], reason: 'STOP_LOSS', at: '95' },
  { settings: { stopLoss: '0.05' }, path: ['60'], reason: 'STOP_LOSS', at: '60' },
  { settings: { takeProfit: '0.1' }, path: ['109.99'], reason: null, at: null },
  { settings: { takeProfit: '0.1' }, path: ['130'], reason: 'TAKE_PROFIT', at: '130' },
  { settings: { trailingStop: '0.1' }, path: ['120', '108.01'], reason: null, at: null },
  { settings: { trailingStop: '0.1' }, path: ['120', '110', '108'], reason: 'TRAILING_STOP', at: '108' },
  { settings: { stopLoss: '0.05', trailingStop: '0.01' }, path: ['90'], reason: 'STOP_LOSS', at: '90' },
] as const;

describe('a position entered at 100', () => {
  it.each(EXITS)('with $settings through $path ends by $reason at $at', ({ settings, path, reason, at }) => {
    const world = scenario({ settings });
    world.price('100');
    world.wait(1).buy('100');
    const closed = prices(world, ...path);
    expect(closed.map((event) => event.trade?.exitReason ?? null)).toEqual(reason ? [reason] : []);
    expect(closed.map((event) => event.trade?.exitPrice && formatPrice(event.trade.exitPrice))).toEqual(at ? [at] : []);
    expect(closed.every((event) => event.priceSource === 'MARKET' && event.decision === null)).toBe(true);
  });

  it('is closed by a stop while the account is paused', () => {
    const world = scenario({ settings: { stopLoss: '0.05' } });
    world.price('100');
    world.wait(1).buy('100');
    world.command({ action: 'PAUSE_BOT' });
    expect(prices(world, '90')).toHaveLength(1);
  });

  it('pays slippage on both sides, rounded against the account', () => {
    const world = scenario({ settings: { slippage: '0.0005' } });
    const [opened] = world.buy('100');
    const [closed] = world.wait(1).sell('100');
    expect(opened?.trade && formatPrice(opened.trade.entryPrice)).toBe('100.05');
    expect(closed?.trade?.exitPrice && formatPrice(closed.trade.exitPrice)).toBe('99.95');
  });
});

describe('the newest price', () => {
  it('is the entry price while nothing else is known', () => {
    const world = scenario();
    world.buy('100');
    const events = world.wait(60).command({ action: 'STOP_BOT' });
    expect(events[1]).toMatchObject({ type: 'TRADE_CLOSED', priceSource: 'ENTRY', priceAgeMs: 60_000 });
  });

  it('is a later signal’s price while there is no market price', () => {
    const world = scenario();
    world.buy('100');
    world.wait(60).signal({ action: 'HOLD', price: '110' });
    expect(formatMoney(equityOf(world.engine.state, world.account()))).toBe('5247.5');
    const events = world.wait(5).command({ action: 'STOP_BOT' });
    expect(events[1]).toMatchObject({ priceSource: 'SIGNAL', priceAgeMs: 5_000 });
  });

  it.each([
    { when: 'outside the band of the entry price', price: '121', age: 0 },
    { when: 'of an earlier time than the entry', price: '110', age: 120 },
  ])('is not a signal’s price $when', ({ price, age }) => {
    const world = scenario();
    world.buy('100');
    world.wait(60).signal({ action: 'HOLD', price, age });
    expect(formatMoney(equityOf(world.engine.state, world.account()))).toBe('4997.5');
  });

  it('is the market’s, and a signal’s only once that is 10 minutes old', () => {
    const world = scenario();
    world.price('100');
    world.wait(1).buy('100');
    world.wait(598).signal({ action: 'HOLD', price: '110' });
    expect(formatMoney(equityOf(world.engine.state, world.account()))).toBe('4997.5');
    world.wait(1).signal({ action: 'HOLD', price: '110' });
    expect(formatMoney(equityOf(world.engine.state, world.account()))).toBe('5247.5');
    world.wait(1).price('90');
    expect(formatMoney(equityOf(world.engine.state, world.account()))).toBe('4747.5');
  });

  it('fills a signal when the market price is younger than the signal', () => {
    const world = scenario();
    world.wait(10).price('105');
    const [opened] = world.buy('100', { age: 5 });
    expect(opened?.trade && formatPrice(opened.trade.entryPrice)).toBe('105');
  });
});

describe('the trading day', () => {
  it('opens with the equity after the prices of midnight and before anything later', () => {
    const world = scenario();
    world.price('100');
    world.wait(1).buy('100');
    world.wait(12 * 3_600 - 1).price('110');
    expect(world.account().dayOpeningEquity).toBe(world.account().account.initialBalance);
    world.wait(60).price('120');
    expect(formatMoney(world.account().dayOpeningEquity)).toBe('5247.5');
    expect(world.account().dayStart).toBe(START + 12 * 3_600_000);
  });

  it('begins for an account that a clock opened which was set back over midnight', () => {
    const world = scenario();
    world.wait(12 * 3_600 + 60).price('100');
    world.wait(-3_600).open('late');
    expect(world.account('late').dayStart).toBe(START - 12 * 3_600_000);
    world.wait(3_600).command({ action: 'PAUSE_BOT' });
    expect(world.account('late').dayStart).toBe(START + 12 * 3_600_000);
  });

  it('begins with a command too', () => {
    const world = scenario();
    world.buy('100');
    world.wait(12 * 3_600).command({ action: 'PAUSE_BOT' });
    expect(formatMoney(world.account().dayOpeningEquity)).toBe('4997.5');
  });
});

describe('drawdown', () => {
  it('remembers the deepest fall below the peak', () => {
    const world = scenario();
    world.price('100');
    world.wait(1).buy('100');
    prices(world, '120', '108', '130');
    expect(formatMoney(world.account().peakEquity)).toBe('5747.5');
    expect(formatMoney(world.account().maxDrawdown)).toBe('300');
    expect(world.account().maxDrawdownPercent).toBeCloseTo((300 / 5_497.5) * 100, 10);
  });
});
