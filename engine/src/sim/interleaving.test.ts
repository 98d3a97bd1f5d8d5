/**
 * R4: signals three times over, in any interleaving that keeps the order within a partition: the state is that of their
 * first occurrences in the order in which they were read.
 */
import { describe, expect, it } from 'vitest';
import type { Engine } from '../core/engine.js';
import { createEngine } from '../core/engine.js';
import type { Input } from '../core/input.js';
import type { TradingRules } from '../core/rules.js';
import { writeSnapshot } from '../core/snapshot.js';
import { emptyState } from '../core/state.js';
import { createSimulation } from './harness/simulation.js';
import { createDraw } from './draw.js';
import { drawSwarm } from './swarm.js';

const SEEDS = 1_000;
const BATCH = 250;

/** What a state knows, but for its time: a repeated signal moves that and nothing else. */
function booksOf(engine: Engine): unknown {
  const { accounts, books, signals } = JSON.parse(writeSnapshot(engine.state)) as Record<string, unknown>;
  return { accounts, books, signals };
}

/** Runs a world of duplicates without any trouble, and tells what its core was given. */
async function runDuplicates(seed: number): Promise<{ engine: Engine; rules: TradingRules; inputs: readonly Input[] }> {
  const inputs: Input[] = [];
  let taken: Engine | null = null;
  let rules: TradingRules | null = null;
  const drawn = drawSwarm(seed);
  const calm = { shards: 1, traders: 1, storeRate: 0, skewMsMax: 0, recordsMax: 1_000_000, stepEventsMax: null };
  const swarm = {
    ...drawn,
    ...calm,
    world: 'EXCHANGE:sim',
    busRates: { pollRepeats: 0.3, delays: 0.3, delayMsMax: 30 },
  };
  const sim = createSimulation(swarm, {
    sabotage: {
      engine(engine, given) {
        taken = engine;
        rules = given;
        return {
          ...engine,
          step(input) {
            inputs.push(input);
            return engine.step(input);
          },
        };
      },
    },
  });
  sim.crew.tend(false);
  await sim.commands.openAccount();
  const draw = createDraw(seed, 9);
  for (let n = 0; n < 5; n++) {
    await sim.feed.prices();
    await sim.signals.signal();
    await sim.signals.repeat();
    await sim.signals.repeat();
    if (draw.chance(0.5)) await sim.advance(draw.int(1, 40));
  }
  await sim.advance(600);
  for (const { gate } of sim.crew.all) gate.kill();
  return { engine: taken!, rules: rules!, inputs };
}

/** The same inputs, each signal once. */
function firstOccurrences(inputs: readonly Input[]): readonly Input[] {
  const seen = new Set<string>();
  return inputs.filter((input) => {
    if (input.kind !== 'signal') return true;
    const isFirst = !seen.has(input.signal.id);
    seen.add(input.signal.id);
    return isFirst;
  });
}

describe('signals that come again and again', { timeout: 300_000 }, () => {
  it.each(Array.from({ length: SEEDS / BATCH }, (_, i) => i * BATCH + 1))(
    `leave what their first occurrences leave: ${BATCH} seeds from %i`,
    async (from) => {
      let repeats = 0;
      for (let seed = from; seed < from + BATCH; seed++) {
        const { engine, rules, inputs } = await runDuplicates(seed);
        const once = firstOccurrences(inputs);
        const alone = createEngine(emptyState('EXCHANGE:sim'), rules);
        for (const input of once) alone.step(input);
        expect(booksOf(engine), `seed ${seed}`).toEqual(booksOf(alone));
        repeats += inputs.length - once.length;
      }
      expect(repeats).toBeGreaterThan(BATCH * 5);
    },
  );
});
