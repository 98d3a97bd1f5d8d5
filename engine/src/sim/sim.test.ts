/** Seeds: every rule holds in all of them, and each of them replays bit for bit. */
import { describe, expect, it } from 'vitest';
import { readArgs } from './cli/args.js';
import { EXIT, EXIT_USAGE, exitCodeOf, storyOf } from './cli/report.js';
import { runSim } from './cli/main.js';
import { CANARIES } from './canaries.fixture.js';
import type { Verdict } from './run-seed.js';
import { runSeed } from './run-seed.js';
import { RULES } from './rules.js';

const SEEDS = 300;
const BATCH = 50;
const batches = Array.from({ length: SEEDS / BATCH }, (_, i) => i * BATCH + 1);

describe('simulated worlds', { timeout: 120_000 }, () => {
  it.each(batches)(`keep every rule: ${BATCH} seeds from %i`, async (from) => {
    const failures: string[] = [];
    let events = 0;
    for (let seed = from; seed < from + BATCH; seed++) {
      const verdict = await runSeed(seed);
      events += verdict.events;
      if (verdict.failure) failures.push(storyOf(seed, verdict.failure));
    }
    expect(failures).toEqual([]);
    expect(events).toBeGreaterThan(BATCH);
  });

  it.each([860, 870, 2_550])('keep every rule where reading begins while the store is asked: seed %i', async (seed) => {
    const { failure } = await runSeed(seed);
    expect(failure && storyOf(seed, failure)).toBeNull();
  });

  it('replay bit for bit, and differ from seed to seed', async () => {
    const hashes = new Set<string>();
    for (let seed = 1; seed <= 20; seed++) {
      const { hash } = await runSeed(seed);
      expect((await runSeed(seed)).hash).toBe(hash);
      hashes.add(hash);
    }
    expect(hashes.size).toBe(20);
  });

  it('tell a failure as a story with the command that shows it again', async () => {
    const { seed, failure } = await runSeed(1, { sabotage: CANARIES['entries-in-order'] });
    const story = failure && storyOf(seed, failure);
    expect(story).toContain('the rule entries-in-order does not hold');
    expect(story).toContain('expected  entry 3 of shard 0\n  found     4\n');
    expect(story).toContain('entry 0/2 epoch');
    expect(story).toContain('npm run sim -- --seed=1');
  });
});

describe('npm run sim', () => {
  const quiet = { out: () => undefined, error: () => undefined };

  it('ends with 0 where every rule holds, and with 2 after wrong usage', async () => {
    expect(await runSim(['--seed=1'], quiet)).toBe(0);
    for (const wrong of [[], ['--seed=x'], ['--seeds=0'], ['--seed=1', '--seeds=2'], ['--colour']]) {
      expect(await runSim(wrong, quiet)).toBe(EXIT_USAGE);
    }
  });

  it('reads seeds, where to begin and how many workers', () => {
    expect(readArgs(['--seeds=10', '--from=5', '--workers=3'], 2)).toMatchObject({ from: 5, seeds: 10, workers: 3 });
    expect(readArgs(['--seeds=1'], 8)).toMatchObject({ from: 1, workers: 1 });
  });

  it.each([
    { kinds: [], code: 0 },
    { kinds: ['liveness'], code: 5 },
    { kinds: ['liveness', 'safety'], code: 4 },
    { kinds: ['safety', 'crash', 'liveness'], code: 3 },
  ] as const)('ends with $code after failures of kind $kinds', ({ kinds, code }) => {
    const rules = Object.entries(RULES);
    const verdicts = kinds.map((kind): Verdict => {
      const rule = rules.find(([, known]) => known.kind === kind)![0] as keyof typeof RULES;
      return { seed: 1, hash: '', events: 0, failure: { kind, rule, expected: '', found: '', story: [] } };
    });
    expect(exitCodeOf(verdicts)).toBe(code);
    expect(Object.values(EXIT)).toEqual([3, 4, 5]);
  });
});
