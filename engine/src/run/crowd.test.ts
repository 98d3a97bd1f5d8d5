/** Prices and days that concern more accounts than one entry holds: no entry too large, nobody forgotten or done twice. */
import { encodeEntry } from '../../../ports/src/store/entry-codec.js';
import type { AccountMark, Instant } from '@kairos/schema';
import { DAY_MS, ENTRY_BYTES_MAX } from '@kairos/schema';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Engine } from '../core/engine.js';
import { createEngine } from '../core/engine.js';
import { evolveEntry, markOf } from '../core/evolve.js';
import type { Input } from '../core/input.js';
import type { Scenario } from '../core/scenario.fixture.js';
import { COMMAND, priceInput, RULES, scenario, START } from '../core/scenario.fixture.js';
import { readSnapshot, writeSnapshot } from '../core/snapshot.js';
import type { EngineState } from '../core/state.js';
import { emptyState } from '../core/state.js';
import { createBatch } from './batch.js';

const WORLD = 'EXCHANGE:binance';
const ACCOUNTS = 12_000;
/** With ids like this one the marks of all of them do not fit into one entry. */
const LONG_NAME = 'an-account-whose-owner-likes-names-that-are-rather-long-'.repeat(2);
const TEST_MS = 240_000;

function crowd(accounts: number, symbolOf: (index: number) => string): Scenario {
  const world = scenario({ settings: { symbols: [symbolOf(0)] } });
  for (let i = 1; i < accounts; i++) world.open(`${LONG_NAME}-${i}`, { symbols: [symbolOf(i)] });
  world.engine.takeChanges();
  return world;
}

function entryOf(engine: Engine, batch: { events: Parameters<typeof encodeEntry>[0]['events'] }) {
  return {
    shard: 0,
    entry: 1,
    epoch: 1,
    owner: 'owner',
    worldTime: engine.state.now,
    committedAt: START,
    positions: {},
    events: batch.events,
    ...engine.takeChanges(),
    deadLetters: [],
    notes: engine.state.notes,
    publishedThrough: 0,
  };
}

const copyOf = (state: EngineState): EngineState => readSnapshot(writeSnapshot(state)) ?? emptyState(WORLD);

/** An engine whose every step is committed; `crash` goes on from what the journal holds. */
function journaled(begun: EngineState) {
  let engine = createEngine(begun, RULES);
  let folded = copyOf(begun);
  return {
    state: () => engine.state,
    folded: () => folded,
    /** Bytes of each entry that an input takes, with a crash after that part. */
    take(input: Input, crashAfter: number): number[] {
      const sizes: number[] = [];
      for (let isPartial = true; isPartial;) {
        const result = engine.step(input);
        const entry = entryOf(engine, result);
        sizes.push(encodeEntry(entry).length);
        evolveEntry(folded, entry);
        isPartial = result.isPartial;
        if (!isPartial || sizes.length !== crashAfter) continue;
        engine = createEngine(folded, RULES);
        folded = copyOf(folded);
      }
      return sizes;
    },
  };
}

/** What comes next, on which day: a price, a signal or a command is the first of it. */
function inputOf(kind: 'price' | 'signal' | 'command', index: number, { day, price }: { day: number; price: string }) {
  const now = (START + day * DAY_MS + index * 1_000) as Instant;
  const shared = { id: `${kind}-${index}`, time: now };
  const inputs: Record<typeof kind, Input> = {
    price: priceInput(price, { now }),
    signal: { kind: 'signal', wall: now, signal: { ...HOLD, ...shared, price: HOLD.price } },
    command: { kind: 'command', wall: now, isSigned: true, command: { ...PAUSE, ...shared } },
  };
  return inputs[kind];
}

const HOLD = {
  symbol: 'BTCUSDT',
  action: 'HOLD' as const,
  confidence: 0.8,
  price: priceInput('68234', { now: START }).candle.close,
  source: 'external',
  horizonSeconds: null,
  votes: null,
};
const PAUSE = { ...COMMAND, action: 'PAUSE_BOT' as const, accountId: 'main' };

/** The figures of a mark that do not name its account. */
const figuresOf = ({ accountId: _id, openedByCommandAt: _at, peakPrices, ...mark }: AccountMark) => ({
  ...mark,
  peaks: Object.values(peakPrices),
});

describe('an input that changes the marks of 12,000 accounts', { timeout: TEST_MS }, () => {
  it('is committed in entries of the named size, over crashes too, and comes to each account as to one that is alone', () => {
    const lone = scenario();
    const many = crowd(ACCOUNTS, () => 'BTCUSDT');
    const buy: Input = { kind: 'signal', wall: START, signal: { ...HOLD, id: 'buy', action: 'BUY', time: START } };
    const all = journaled(many.engine.state);
    all.take(buy, 0);
    lone.engine.step(buy);
    let index = 0;
    let day = 0;
    let partsMax = 0;
    fc.assert(
      fc.property(
        fc.constantFrom('price' as const, 'signal' as const, 'command' as const),
        fc.integer({ min: 60_000, max: 80_000 }),
        fc.boolean(),
        fc.constantFrom(0, 0, 0, 3),
        (kind, price, isNextDay, crashAfter) => {
          day += isNextDay ? 1 : 0;
          const input = inputOf(kind, (index += 1), { day, price: String(price) });
          lone.engine.step(input);
          const sizes = all.take(input, crashAfter);
          partsMax = Math.max(partsMax, sizes.length);
          expect(Math.max(...sizes)).toBeLessThanOrEqual(ENTRY_BYTES_MAX);
          const expected = figuresOf(markOf(lone.account()));
          for (const state of [all.state(), all.folded()]) {
            const odd = [...state.accounts.values()].map(markOf).filter((mark) => !isSame(figuresOf(mark), expected));
            expect(odd.slice(0, 1).map(figuresOf)).toEqual(odd.length > 0 ? [expected] : []);
          }
        },
      ),
      { numRuns: 6, seed: 11, endOnFailure: true },
    );
    expect(partsMax).toBeGreaterThan(4);
  });

  it('ends a commit in time where many inputs concern many accounts each', () => {
    const symbols = Array.from({ length: 12 }, (_, i) => `COIN${i}`);
    const world = crowd(ACCOUNTS, (index) => symbols[index % symbols.length]!);
    for (const symbol of symbols) {
      while (
        world.engine.step({
          kind: 'signal',
          wall: START,
          signal: { ...HOLD, symbol, id: symbol, action: 'BUY', time: START },
        }).isPartial
      );
    }
    world.engine.takeChanges();
    const batch = createBatch(world.engine.changedBytes);
    let taken = 0;
    for (const symbol of symbols) {
      if (batch.isFull()) break;
      taken += 1;
      const input = priceInput('70000', { now: START, symbol });
      batch.add(input, { result: world.engine.step(input), points: [], writesShared: true });
    }
    expect(taken).toBeGreaterThan(0);
    expect(taken).toBeLessThan(symbols.length);
    expect(encodeEntry(entryOf(world.engine, batch)).length).toBeLessThanOrEqual(ENTRY_BYTES_MAX);
  });
});

const isSame = (one: object, other: object): boolean => textOf(one) === textOf(other);
const textOf = (value: object): string =>
  JSON.stringify(value, (_, each: unknown) => (typeof each === 'bigint' ? `${each}n` : each));
