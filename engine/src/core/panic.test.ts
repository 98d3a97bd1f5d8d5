/** Panic as a state machine: entries blocked, committed, then closed, tried again until flat, then STOPPED. */
import type { TradingEvent } from '@kairos/schema';
import { CLOSE_RETRY_MS_MAX, CLOSE_RETRY_MS_MIN, commandStatus, stepsOf } from '@kairos/schema';
import { describe, expect, it } from 'vitest';
import type { FillModel, Order } from './matching/fill-model.js';
import { PAPER_FILLS } from './matching/fill-model.js';
import type { Scenario } from './scenario.fixture.js';
import { scenario } from './scenario.fixture.js';
import { readSnapshot, writeSnapshot } from './snapshot.js';
import { emptyState } from './state.js';

const types = (events: readonly TradingEvent[]) => events.map((event) => event.type);
const told = (events: readonly TradingEvent[]) => events.map(({ type, causedBy }) => `${type} ${causedBy}`);

/** A venue that refuses sales of some symbols until it is told otherwise, and what it was asked. */
function moodyVenue(...refused: string[]) {
  const symbols = new Set(refused);
  const orders: Order[] = [];
  const fillModel: FillModel = {
    ...PAPER_FILLS,
    refusalOf(order) {
      orders.push(order);
      return order.action === 'SELL' && symbols.has(order.symbol) ? `no ${order.symbol} today` : null;
    },
  };
  return { fillModel, orders, calm: () => symbols.clear() };
}

/** Holds five symbols, of which the venue will not take ETHUSDT back. */
function holding(refused: string[] = ['ETHUSDT']) {
  const venue = moodyVenue(...refused);
  const symbols = ['BTCUSDT', 'ETHUSDT', 'ADAUSDT', 'SOLUSDT', 'BNBUSDT'];
  const world = scenario({ settings: { symbols, stopLoss: '0.1' }, rules: { fillModel: venue.fillModel } });
  for (const symbol of symbols) world.buy('100', { symbol });
  return { world, venue };
}

const again = (world: Scenario, fillModel: FillModel) =>
  scenario({
    state: readSnapshot(writeSnapshot(world.engine.state)) ?? emptyState('EXCHANGE:binance'),
    rules: { fillModel },
  }).goOn(world);

const status = (events: readonly TradingEvent[], id: string) =>
  commandStatus({
    action: 'STOP_BOT',
    accountIds: ['main'],
    isPublished: true,
    steps: events.filter(({ causedBy }) => causedBy === id).flatMap(stepsOf),
  });

describe('STOP_BOT', () => {
  it('blocks entries in one step and closes in the next, so that STOPPING is committed first', () => {
    const { world } = holding([]);
    const first = world.commandStep({ id: 'panic', action: 'STOP_BOT' });
    expect(told(first.events)).toEqual(['TRADING_STOPPING panic']);
    expect(world.account().account).toMatchObject({ status: 'STOPPING', openTrades: 5 });
    expect(world.engine.closingsDueAt()).toBe(0);
    const next = world.engine.step({ kind: 'closings', wall: world.now() });
    expect(types(next.events)).toEqual([...Array.from({ length: 5 }, () => 'TRADE_CLOSED'), 'TRADING_STOPPED']);
    expect(world.engine.closingsDueAt()).toBeNull();
  });

  it('lets nothing in while it is closing: signals are denied, levels and hands leave the orders to it', () => {
    const { world } = holding([]);
    const trade = world.account().openTrades.get('BTCUSDT');
    world.commandStep({ id: 'panic', action: 'STOP_BOT' });
    for (const action of ['BUY', 'SELL'] as const) {
      expect(world.signalStep({ action }).events[0]?.decision).toMatchObject({ reason: 'TRADING_STOPPED' });
    }
    const byHand = world.commandStep({ id: 'hand', action: 'CLOSE_POSITION', tradeId: trade?.id ?? null });
    expect(byHand.events[0]?.step?.error).toContain('being closed already');
    const prices = world.price('50');
    expect(prices.filter(({ type }) => type === 'TRADE_CLOSED').map((event) => event.trade?.exitReason)).toEqual(
      Array.from({ length: 5 }, () => 'PANIC'),
    );
    expect(prices[0]?.trade).toMatchObject({ symbol: 'BTCUSDT', exitPrice: 50n * 10n ** 12n });
  });

  it('closes the others when one cannot be closed, and shows it', () => {
    const { world } = holding();
    const events = world.command({ id: 'panic', action: 'STOP_BOT', reason: 'enough' });
    expect(types(events)).toEqual([
      'TRADING_STOPPING',
      'TRADE_CLOSED',
      'CLOSE_FAILED',
      'TRADE_CLOSED',
      'TRADE_CLOSED',
      'TRADE_CLOSED',
    ]);
    expect(events[2]?.step).toMatchObject({ kind: 'CLOSE_FAILED', symbol: 'ETHUSDT', error: 'no ETHUSDT today' });
    expect(status(events, 'panic')).toBe('PARTIAL');
    expect(world.account().account).toMatchObject({ status: 'STOPPING', openTrades: 1, statusReason: 'enough' });
  });

  it('tries again after twice as long each time, up to the named limit, until 20 refusals are over', () => {
    const { world, venue } = holding();
    const events = [...world.command({ id: 'panic', action: 'STOP_BOT' })];
    let waitMs = CLOSE_RETRY_MS_MIN;
    for (let attempt = 2; attempt <= 20; attempt++) {
      expect(world.engine.closingsDueAt()).toBe(world.now() + waitMs);
      expect(world.wait((waitMs - 1) / 1_000).price('100')).toEqual([]);
      const failed = world.wait(0.001).price('100');
      expect(types(failed)).toEqual(['CLOSE_FAILED']);
      events.push(...failed);
      waitMs = Math.min(waitMs * 2, CLOSE_RETRY_MS_MAX);
    }
    venue.calm();
    events.push(...world.wait(waitMs / 1_000).price('100'));
    expect(types(events.slice(-2))).toEqual(['TRADE_CLOSED', 'TRADING_STOPPED']);
    expect(status(events, 'panic')).toBe('DONE');
    expect(venue.orders.filter(({ symbol, action }) => symbol === 'ETHUSDT' && action === 'SELL')).toHaveLength(21);
    expect(venue.orders.at(-1)?.attempt).toBe(21);
  });

  it('goes on by itself in a state that was restored while it was closing', () => {
    const { world, venue } = holding();
    world.commandStep({ id: 'panic', action: 'STOP_BOT', reason: 'enough' });
    const before = again(world, venue.fillModel);
    expect(before.engine.closingsDueAt()).toBe(0);
    const closed = before.wait(1).price('100');
    expect(types(closed).filter((type) => type === 'TRADE_CLOSED')).toHaveLength(4);
    venue.calm();
    const after = again(before, venue.fillModel);
    expect(told(after.wait(1).price('100'))).toEqual(['TRADE_CLOSED panic', 'TRADING_STOPPED panic']);
    const last = again(after, venue.fillModel);
    expect(last.account().account).toMatchObject({
      status: 'STOPPED',
      statusChangedBy: 'alice',
      statusReason: 'enough',
    });
    expect(last.engine.closingsDueAt()).toBeNull();
    expect(last.buy()[0]?.decision).toMatchObject({ reason: 'TRADING_STOPPED' });
  });

  it('pressed again while it is closing closes nothing again, and each press is answered when it is flat', () => {
    const { world, venue } = holding();
    const first = world.command({ id: 'panic', action: 'STOP_BOT' });
    const second = world.command({ id: 'panic-again', action: 'STOP_BOT', issuedBy: 'bob' });
    expect(told(second)).toEqual(['TRADING_STOPPING panic-again']);
    const restored = again(world, venue.fillModel);
    venue.calm();
    const rest = restored.wait(30).price('100');
    expect(told(rest)).toEqual(['TRADE_CLOSED panic', 'TRADING_STOPPED panic', 'TRADING_STOPPED panic-again']);
    expect(restored.account().account.statusChangedBy).toBe('alice');
    const all = [...first, ...second, ...rest];
    expect([status(all, 'panic'), status(all, 'panic-again')]).toEqual(['DONE', 'DONE']);
    expect(all.filter(({ type }) => type === 'TRADE_CLOSED')).toHaveLength(5);
  });

  it.each(['PAUSE_BOT', 'RESUME_BOT'] as const)('refuses %s until it is flat', (action) => {
    const { world } = holding();
    world.command({ action: 'STOP_BOT' });
    expect(types(world.command({ action }))).toEqual(['COMMAND_REFUSED']);
    expect(world.account().account.status).toBe('STOPPING');
  });
});

describe('an order that closes a position and is refused', () => {
  it('by hand is tried again, and its command is PARTIAL until then', () => {
    const { world, venue } = holding();
    const tradeId = world.account().openTrades.get('ETHUSDT')?.id ?? null;
    const first = world.command({ id: 'hand', action: 'CLOSE_POSITION', tradeId });
    expect(told(first)).toEqual(['CLOSE_FAILED hand']);
    expect(types(world.command({ action: 'CLOSE_POSITION', tradeId }))).toEqual(['COMMAND_REFUSED']);
    expect(world.sell('100', { symbol: 'ETHUSDT' })[0]?.decision).toMatchObject({ reason: 'ORDER_REJECTED' });
    venue.calm();
    const closed = world.wait(1).price('101', { symbol: 'ETHUSDT' });
    expect(told(closed)).toEqual(['TRADE_CLOSED hand']);
    expect(closed[0]?.trade).toMatchObject({ exitReason: 'MANUAL', exitCommandId: 'hand' });
  });

  it('by a stop level is tried again at the newest price, however the price has moved since', () => {
    const { world, venue } = holding();
    const first = world.price('80', { symbol: 'ETHUSDT' });
    expect(types(first)).toEqual(['CLOSE_FAILED']);
    const trade = { symbol: 'ETHUSDT', status: 'OPEN' };
    expect(first[0]).toMatchObject({ step: null, error: 'no ETHUSDT today', trade });
    expect(world.price('79', { symbol: 'ETHUSDT' })).toEqual([]);
    venue.calm();
    const closed = world.wait(1).price('95', { symbol: 'ETHUSDT' });
    expect(closed[0]).toMatchObject({ type: 'TRADE_CLOSED', step: null });
    expect(closed[0]?.trade).toMatchObject({ exitReason: 'STOP_LOSS', exitPrice: 95n * 10n ** 12n });
  });

  it('is taken over by a panic, which tries it at once', () => {
    const { world, venue } = holding();
    world.price('80', { symbol: 'ETHUSDT' });
    venue.calm();
    const events = world.command({ id: 'panic', action: 'STOP_BOT' });
    const closed = events.find((event) => event.trade?.symbol === 'ETHUSDT');
    expect(closed?.trade).toMatchObject({ exitReason: 'PANIC', exitCommandId: 'panic' });
    expect(types(events).at(-1)).toBe('TRADING_STOPPED');
  });
});

describe('an entry that the venue refuses', () => {
  it('is denied ORDER_REJECTED, and leaves the books as they are', () => {
    const world = scenario({ rules: { fillModel: { ...PAPER_FILLS, refusalOf: () => 'closed for lunch' } } });
    expect(world.buy()[0]).toMatchObject({
      type: 'SIGNAL_DECIDED',
      trade: null,
      decision: { outcome: 'DENIED', reason: 'ORDER_REJECTED' },
    });
    expect(world.account().account.openTrades).toBe(0);
  });
});
