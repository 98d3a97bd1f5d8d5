/** State is a fold of what the journal keeps: whatever happens, replaying it gives the same state and goes on alike. */
import type { TradingEvent } from '@kairos/schema';
import { parseSettingsPatch } from '@kairos/schema';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evolveEntry } from './evolve.js';
import type { Scenario } from './scenario.fixture.js';
import { scenario } from './scenario.fixture.js';
import { readSnapshot, writeSnapshot } from './snapshot.js';
import type { EngineState } from './state.js';
import { emptyState } from './state.js';

type Move = (world: Scenario) => readonly TradingEvent[];

const symbol = fc.constantFrom('BTCUSDT', 'ETHUSDT', 'ADAUSDT');
const price = fc.integer({ min: 80_000, max: 125_000 }).map((cents) => (cents / 1_000).toString());
const signal = fc.record({
  symbol,
  price,
  action: fc.constantFrom('BUY' as const, 'BUY' as const, 'SELL' as const, 'HOLD' as const),
  confidence: fc.constantFrom(0.5, 0.75, 0.9),
  age: fc.constantFrom(0, 0, 1, 200),
  id: fc.constantFrom(undefined, undefined, undefined, 'repeated'),
});
const action = fc.constantFrom('STOP_BOT' as const, 'PAUSE_BOT' as const, 'RESUME_BOT' as const, 'RESUME_BOT' as const);
const settings = fc.record({ stopLoss: fc.constantFrom('0.01', null), trailingStop: fc.constantFrom('0.02', null) });

const move: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.tuple(price, symbol).map(
      ([value, of]): Move =>
        (w) =>
          w.price(value, { symbol: of }),
    ),
  },
  {
    weight: 6,
    arbitrary: signal.map(
      ({ id, ...draft }): Move =>
        (w) =>
          w.signal(id ? { ...draft, id } : draft),
    ),
  },
  {
    weight: 1,
    arbitrary: action.map(
      (name): Move =>
        (w) =>
          w.command({ action: name }),
    ),
  },
  {
    weight: 1,
    arbitrary: settings.map(
      (patch): Move =>
        (w) =>
          w.command({ action: 'UPDATE_SETTINGS', settings: parseSettingsPatch(patch) }),
    ),
  },
  {
    weight: 3,
    arbitrary: fc.integer({ min: 1, max: 20_000 }).map((seconds): Move => (w) => {
      w.wait(seconds);
      return [];
    }),
  },
);

/** What the journal would keep of everything since the last call. */
function entryOf(world: Scenario, events: readonly TradingEvent[]) {
  const { state } = world.engine;
  return { events, ...world.engine.takeChanges(), worldTime: state.now, notes: state.notes };
}

/** Plays moves and returns the state folded from what was kept of them. */
function playAndFold(world: Scenario, moves: readonly Move[]) {
  const folded = emptyState(world.engine.state.world);
  evolveEntry(folded, entryOf(world, world.opened));
  for (const play of moves) evolveEntry(folded, entryOf(world, play(world)));
  return folded;
}

const text = writeSnapshot;

/** Who trades and who holds what. */
const heldOf = ({ markets }: EngineState) =>
  [...markets.values()]
    .map(({ symbol, traders, holders }) => ({
      symbol,
      traders: traders.map(({ account }) => account.id),
      holders: [...holders.keys()].map(({ account }) => account.id),
    }))
    .sort((a, b) => (a.symbol < b.symbol ? -1 : 1));

describe('a replayed journal', () => {
  it('gives the same state as the run that wrote it', () => {
    fc.assert(
      fc.property(fc.array(move, { maxLength: 80 }), (moves) => {
        const world = scenario();
        const folded = playAndFold(world, moves);
        expect(text(folded)).toBe(text(world.engine.state));
      }),
      { numRuns: 300 },
    );
  });

  it('goes on as the run would have gone on', () => {
    fc.assert(
      fc.property(fc.array(move, { maxLength: 40 }), fc.array(move, { maxLength: 20 }), (before, after) => {
        const world = scenario();
        const resumed = scenario({ state: playAndFold(world, before) }).goOn(world);
        for (const play of after) expect(play(resumed)).toEqual(play(world));
        expect(text(resumed.engine.state)).toBe(text(world.engine.state));
      }),
      { numRuns: 200 },
    );
  });
});

describe('a snapshot', () => {
  it('reads back as the state it was written from', () => {
    fc.assert(
      fc.property(fc.array(move, { maxLength: 60 }), (moves) => {
        const world = scenario();
        for (const play of moves) play(world);
        const restored = readSnapshot(text(world.engine.state));
        expect(restored && text(restored)).toBe(text(world.engine.state));
        expect(restored && heldOf(restored)).toEqual(heldOf(world.engine.state));
      }),
    );
  });

  it('of another form is not read', () => {
    expect(readSnapshot(JSON.stringify({ form: 0 }))).toBeNull();
  });
});

describe('the books', () => {
  it('hold to the last digit at every event, computed from the events alone', () => {
    fc.assert(
      fc.property(fc.array(move, { maxLength: 80 }), (moves) => {
        const world = scenario();
        const trades = new Map<string, NonNullable<TradingEvent['trade']>>();
        for (const event of moves.flatMap((play) => [...play(world)])) {
          if (event.trade) trades.set(event.trade.id, event.trade);
          const realized = [...trades.values()].reduce((sum, trade) => sum + (trade.pnl ?? 0n), 0n);
          const bound = [...trades.values()]
            .filter((trade) => trade.status === 'OPEN')
            .reduce((sum, trade) => sum + trade.cost + trade.entryFee, 0n);
          expect(event.account.cash).toBe(event.account.initialBalance + realized - bound);
          expect(event.account.balance).toBe(event.account.initialBalance + realized);
        }
      }),
      { numRuns: 300 },
    );
  });
});
