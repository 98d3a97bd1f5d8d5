/** Every rule that a run is held against has a canary, and the checker of that name sees it. */
import { describe, expect, it } from 'vitest';
import { CANARIES } from './canaries.fixture.js';
import { runSeed } from './run-seed.js';
import type { RuleName } from './rules.js';
import { RULES } from './rules.js';

/** Seeds in which a broken rule must be seen at the latest: not every world gives occasion to it. */
const SEEDS_MAX = 120;

/** The first seed in which this very rule is told to be broken; null when there is none. */
async function caughtBy(rule: RuleName): Promise<number | null> {
  for (let seed = 1; seed <= SEEDS_MAX; seed++) {
    const { failure } = await runSeed(seed, { sabotage: CANARIES[rule] });
    if (failure?.rule === rule) return seed;
  }
  return null;
}

const rules = Object.keys(RULES) as RuleName[];

describe('a rule that is broken on purpose', { timeout: 120_000 }, () => {
  it('has a canary, whichever rule it is', () => {
    expect(Object.keys(CANARIES).sort()).toEqual([...rules].sort());
  });

  it.each(rules)('is seen: %s', async (rule) => {
    expect(await caughtBy(rule)).not.toBeNull();
  });
});
