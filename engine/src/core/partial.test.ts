/** Inputs that concern more accounts than one step takes: in parts, over crashes, with commands in between. */
import type { Signal, TradingEvent } from '@kairos/schema';
import { parsePrice, STEP_EVENTS_MAX } from '@kairos/schema';
import { describe, expect, it } from 'vitest';
import type { StepResult } from './engine.js';
import { evolveEntry } from './evolve.js';
import type { Input } from './input.js';
import type { Scenario, ScenarioOptions } from './scenario.fixture.js';
import { COMMAND, priceInput, scenario, START, SYMBOL } from './scenario.fixture.js';
import { readSnapshot, writeSnapshot } from './snapshot.js';
import { emptyState } from './state.js';

const ACCOUNTS = 1_000;

function crowd(options: ScenarioOptions = {}): Scenario {
  const world = scenario(options);
  for (let i = 1; i < ACCOUNTS; i++) world.open(`account-${i}`);
  world.engine.takeChanges();
  return world;
}

const signal: Signal = {
  id: 'signal-of-many',
  symbol: SYMBOL,
  action: 'BUY',
  confidence: 0.8,
  price: parsePrice('68234'),
  time: START,
  source: 'external',
  horizonSeconds: null,
  votes: null,
};
const buy: Input = { kind: 'signal', wall: START, signal };
const sell: Input = { ...buy, signal: { ...signal, id: 'sell-of-many', action: 'SELL' } };

/** The same input again until nothing is left of it; `between` happens after each part. */
function takeWhole(world: Scenario, input: Input, between: (part: number) => void = () => undefined): StepResult[] {
  const results: StepResult[] = [];
  do {
    if (results.length > 0) between(results.length);
    results.push(world.engine.step(input));
  } while (results.at(-1)?.isPartial);
  return results;
}

const eventsOf = (results: readonly StepResult[]): TradingEvent[] => results.flatMap(({ events }) => [...events]);
const decidedOf = (events: readonly TradingEvent[]) => new Map(events.map((event) => [event.accountId, event]));

describe('a signal for 1,000 accounts', () => {
  it('is taken in parts of a named size, with exactly one decision per account in order of opening', () => {
    const world = crowd();
    const results = takeWhole(world, buy);
    expect(results.map(({ events }) => events.length)).toEqual([256, 256, 256, ACCOUNTS - 3 * STEP_EVENTS_MAX]);
    expect(eventsOf(results).map(({ accountId }) => accountId)).toEqual([...world.engine.state.accounts.keys()]);
    expect(results.map((result) => result.signal?.id ?? null)).toEqual([signal.id, null, null, null]);
    expect(world.engine.state.notes.partial).toEqual([]);
    expect(world.engine.step(buy).events).toEqual([]);
  });

  it('goes on after a crash between any two parts as if there had been none', () => {
    const undisturbed = eventsOf(takeWhole(crowd(), buy));
    const disturbed = crowd();
    const text = writeSnapshot(disturbed.engine.state);
    const restore = () => readSnapshot(text) ?? emptyState('EXCHANGE:binance');
    const folded = restore();
    let world = scenario({ state: restore() });
    const events: TradingEvent[] = [];
    for (let isPartial = true; isPartial;) {
      const result = world.engine.step(buy);
      const { state } = world.engine;
      evolveEntry(folded, {
        events: result.events,
        ...world.engine.takeChanges(),
        worldTime: state.now,
        notes: state.notes,
      });
      events.push(...result.events);
      world = scenario({ state: readSnapshot(writeSnapshot(folded)) ?? emptyState('EXCHANGE:binance') });
      isPartial = result.isPartial;
    }
    expect(events).toEqual(undisturbed);
  });

  it('lets commands pass between parts: who is not stopped by them decides as undisturbed, once', () => {
    const undisturbed = decidedOf(eventsOf(takeWhole(crowd(), buy)));
    const world = crowd();
    const results = takeWhole(world, buy, (part) => {
      if (part !== 1) return;
      world.command({ action: 'STOP_BOT', accountId: 'account-900' });
      world.command({ action: 'STOP_BOT', accountId: 'account-3' });
      world.open('latecomer');
    });
    const decided = decidedOf(eventsOf(results));
    expect(eventsOf(results)).toHaveLength(ACCOUNTS);
    expect(decided.get('account-900')?.decision).toMatchObject({ outcome: 'DENIED', reason: 'TRADING_STOPPED' });
    expect(decided.has('latecomer')).toBe(false);
    for (const [id, event] of undisturbed) {
      if (id !== 'account-900') expect(decided.get(id)).toEqual(event);
    }
  });

  it('closes in parts too, although those who sold and do not trade the symbol any more leave the list', () => {
    const world = crowd();
    takeWhole(world, buy);
    takeWhole(world, {
      kind: 'command',
      isSigned: false,
      wall: START,
      command: {
        ...FOR_ALL,
        id: 'elsewhere',
        action: 'UPDATE_SETTINGS',
        settings: { symbols: ['ETHUSDT'] },
      },
    });
    const closed = eventsOf(takeWhole(world, sell));
    expect(closed.map(({ type, accountId }) => `${type} ${accountId}`)).toEqual(
      [...world.engine.state.accounts.keys()].map((id) => `TRADE_CLOSED ${id}`),
    );
  });

  it('asks an account whose symbols changed between two parts by what it trades when its turn comes', () => {
    const world = scenario({ rules: { stepEventsMax: 1 } });
    for (const id of ['joins', 'leaves', 'last']) world.open(id);
    const trade = (accountId: string, symbols: readonly string[]) =>
      world.command({ action: 'UPDATE_SETTINGS', accountId, settings: { symbols } });
    trade('joins', ['ETHUSDT']);
    const results = takeWhole(world, buy, (part) => {
      if (part !== 1) return;
      trade('joins', [SYMBOL]);
      trade('leaves', ['ETHUSDT']);
    });
    expect(eventsOf(results).map(({ accountId }) => accountId)).toEqual(['main', 'joins', 'last']);
  });

  it.each([1, 1_000])(
    'counts as a price where it opens more than a signal before it, %d events a step',
    (stepEventsMax) => {
      const world = scenario({ rules: { stepEventsMax } });
      world.buy('100');
      for (const id of ['second', 'third']) world.open(id);
      world.wait(1);
      const later = { ...signal, id: 'later', price: parsePrice('101'), time: world.now() };
      takeWhole(world, { kind: 'signal', wall: world.now(), signal: later });
      const { entry, newest } = world.engine.state.markets.get(SYMBOL)!;
      expect(entry).toEqual({ price: parsePrice('100'), at: START });
      expect(newest).toEqual({ price: parsePrice('101'), at: world.now(), source: 'SIGNAL' });
    },
  );

  it('goes on although the clock has leapt so far that it would be forgotten', () => {
    const world = crowd();
    const first = world.engine.step(buy);
    const rest = takeWhole(world, { ...buy, wall: (START + 3 * 86_400_000) as typeof START });
    expect(first.isPartial).toBe(true);
    expect(rest.map(({ invalid }) => invalid)).toEqual([null, null, null]);
    expect(eventsOf(rest)).toHaveLength(ACCOUNTS - STEP_EVENTS_MAX);
  });

  it('tells its price once, however the clock has leapt since', () => {
    const world = crowd();
    const at = (START - 1_000) as typeof START;
    world.price('68000', { at });
    world.engine.step(buy);
    takeWhole(world, { ...buy, wall: (START + 3_600_000) as typeof START });
    expect(world.engine.state.markets.get(SYMBOL)?.newest).toMatchObject({ source: 'MARKET', at });
  });

  it('whose record came again under the same id with another content is not gone on with', () => {
    const world = crowd();
    world.engine.step(buy);
    const forged = world.engine.step({ ...buy, signal: { ...signal, action: 'SELL' } });
    expect(forged).toMatchObject({ isPartial: false, events: [] });
    expect(forged.conflict).toContain('came again');
    expect(eventsOf(takeWhole(world, buy))).toHaveLength(ACCOUNTS - STEP_EVENTS_MAX);
  });

  it('keeps its first time in a world whose time is not the clock’s', () => {
    const world = crowd({ world: 'SIMULATOR' });
    world.price('68234', { at: (START - 86_400_000) as typeof START });
    const first = world.engine.step(buy);
    const rest = takeWhole(world, { ...buy, wall: (START + 3_600_000) as typeof START });
    expect(first.isPartial).toBe(true);
    expect(eventsOf(rest).every(({ type }) => type === 'TRADE_OPENED')).toBe(true);
    expect(eventsOf(rest)).toHaveLength(ACCOUNTS - STEP_EVENTS_MAX);
  });
});

const FOR_ALL = { ...COMMAND, id: 'for-all', time: START };

describe('a command for every account', () => {
  const pause: Input = { kind: 'command', isSigned: false, wall: START, command: { ...FOR_ALL, action: 'PAUSE_BOT' } };

  it('is obeyed in parts, once per account', () => {
    const world = crowd();
    const results = takeWhole(world, pause);
    expect(results).toHaveLength(4);
    expect(eventsOf(results).map(({ type }) => type)).toEqual(Array.from({ length: ACCOUNTS }, () => 'TRADING_PAUSED'));
    expect(results.every(({ command }) => command?.accountIds.length === ACCOUNTS)).toBe(true);
    expect(eventsOf(takeWhole(world, pause))).toEqual([]);
  });

  it('that is not signed as it should be is refused by each once, and holds up nobody who signs', () => {
    const world = crowd({ rules: { requiresSignature: true } });
    const first = world.engine.step(pause);
    expect(first.isPartial).toBe(true);
    const signed = eventsOf(takeWhole(world, { ...pause, isSigned: true }));
    expect(signed.filter(({ type }) => type === 'TRADING_PAUSED')).toHaveLength(ACCOUNTS);
    const rest = eventsOf(takeWhole(world, pause));
    expect(rest).toEqual([]);
  });
});

describe('a price that stops out 1,000 accounts', () => {
  const options: ScenarioOptions = { settings: { stopLoss: '0.01' } };

  it('closes them in parts, each once', () => {
    const world = crowd(options);
    takeWhole(world, buy);
    const results = takeWhole(world, priceInput('60000', { now: START }));
    expect(results).toHaveLength(4);
    const closed = eventsOf(results);
    expect(new Set(closed.map(({ accountId }) => accountId)).size).toBe(ACCOUNTS);
    expect(closed.every(({ type, trade }) => type === 'TRADE_CLOSED' && trade?.exitReason === 'STOP_LOSS')).toBe(true);
  });

  it('counts in the round of a lock-step world once, when it is done', () => {
    const world = crowd({ ...options, world: 'SIMULATOR' });
    world.price('68234', { at: START });
    takeWhole(world, buy);
    const fall = priceInput('60000', { now: START, at: (START + 60_000) as typeof START });
    world.engine.step(fall);
    expect(world.engine.state.notes.round).toMatchObject({ closeAt: START });
    takeWhole(world, fall);
    expect(world.engine.state.notes.round).toEqual({
      closeAt: START + 60_000,
      isComplete: true,
      awaiting: [SYMBOL],
    });
  });
});

describe('a command for an account that does not exist', () => {
  const missing = { ...FOR_ALL, accountId: 'nobody' };

  it.each([
    ['STOP_BOT', missing],
    ['CLOSE_POSITION', { ...FOR_ALL, tradeId: 'nobody:BTCUSDT:signal-1' }],
    ['OPEN_ACCOUNT', missing],
  ] as const)('is left to the engine that it falls to: %s', (action, command) => {
    const world = scenario({ rules: { ownsAccount: (id) => id !== 'nobody' } });
    const result = world.commandStep({ ...command, action });
    expect(result).toMatchObject({ events: [], invalid: null, command: null });
  });

  it('is refused by the engine that it falls to', () => {
    expect(scenario().commandStep({ ...missing, action: 'STOP_BOT' }).invalid).toBe('no account nobody');
  });
});
