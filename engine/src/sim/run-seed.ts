/** One seed in, one verdict out. */
import { ACTIONS } from './harness/actions.js';
import { calmDown } from './harness/calm.js';
import type { SimulationHooks } from './harness/simulation.js';
import { createSimulation } from './harness/simulation.js';
import type { Simulation } from './harness/simulation.js';
import type { Swarm, Trouble, Work } from './swarm.js';
import { drawSwarm } from './swarm.js';
import type { RuleName } from './rules.js';
import type { FailureKind } from './violation.js';
import { Violation } from './violation.js';

/** What came of a seed. */
export interface Verdict {
  readonly seed: number;
  /** Over everything that happened: the same seed gives the same. */
  readonly hash: string;
  readonly failure: Failure | null;
  /** Journal entries, events and inputs of all shards. */
  readonly events: number;
}

export interface Failure {
  readonly kind: FailureKind;
  readonly rule: RuleName;
  readonly expected: string;
  readonly found: string;
  /** What happened last. */
  readonly story: readonly string[];
}

/** Lines of a story that people are shown. */
const STORY_LINES = 60;

export async function runSeed(seed: number, hooks: SimulationHooks = {}): Promise<Verdict> {
  return runSwarm(drawSwarm(seed), hooks);
}

export async function runSwarm(swarm: Swarm, hooks: SimulationHooks = {}): Promise<Verdict> {
  const sim = createSimulation(swarm, hooks);
  let failure: Failure | null = null;
  try {
    await live(sim);
    await calmDown(sim);
  } catch (error) {
    failure = failureOf(sim.overseer.failure() ?? error, sim.history.tail(STORY_LINES));
  }
  for (const process of sim.crew.all) process.gate.kill();
  const events = accountsOf(sim).reduce((sum, { seq }) => sum + seq, 0);
  return { seed: swarm.seed, hash: sim.history.hash(), failure, events };
}

const accountsOf = ({ overseer, swarm }: Simulation) =>
  Array.from({ length: swarm.shards }, (_, shard) => [...overseer.auditorOf(shard).accounts.values()]).flat();

/** Work and trouble, one thing after the other. */
async function live(sim: Simulation): Promise<void> {
  const { swarm, draw, crew, note } = sim;
  const kinds = [...swarm.weights].flatMap(([kind, weight]) =>
    Array.from({ length: weight }, (): Work | Trouble => kind),
  );
  crew.tend(false);
  await sim.commands.openAccount();
  for (let n = 0; n < swarm.actions; n++) {
    const kind = draw.pick(kinds);
    note(kind);
    await ACTIONS[kind](sim);
    if (draw.chance(0.7)) await sim.advance(draw.int(0, swarm.gapMsMax));
    crew.tend(true);
  }
}

function failureOf(error: unknown, story: readonly string[]): Failure {
  if (error instanceof Violation) {
    const { kind, rule, expected, found } = error;
    return { kind, rule, expected, found, story };
  }
  const found = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { kind: 'crash', rule: 'crash', expected: 'no error', found, story };
}
