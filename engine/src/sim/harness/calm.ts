/**
 * The end of every run: the faults are over, and within bounded simulated time everything that was published is taken,
 * everything that was committed is published, and a last STOP_BOT leaves every account flat.
 */
import { isLockStep, TOPICS } from '@kairos/schema';
import type { RuleName } from '../rules.js';
import { Violation } from '../violation.js';
import type { Simulation } from './simulation.js';

const STEP_MS = 125;
/** Longest that anything may take once nothing fails any more: back-offs, a session, and the wait for a predictor. */
const PATIENCE_MS = 180_000;
/** Longest that a panic may take then. */
const PANIC_MS = 30_000;

export async function calmDown(sim: Simulation): Promise<void> {
  const { crew, servers, note, feed, commands, overseer } = sim;
  note('calm');
  servers.store.setDown(false);
  crew.heal();
  for (const { gate } of crew.all) {
    gate.resume();
    gate.killIn(Infinity);
  }
  // A stop that looks older than the resume before it does not concern the account.
  sim.jump(sim.setBackMs() + 2 * sim.swarm.skewMsMax);
  // A replay begins with its first candle.
  if (isLockStep(sim.swarm.world)) await feed.prices();
  await feed.flush();
  await until(sim, 'all-taken', PATIENCE_MS, nudging(sim));
  await until(sim, 'stored-obeyed', PATIENCE_MS, () => stillStored(sim));
  await commands.stopAll();
  await until(sim, 'flat-after-panic', PANIC_MS, () => stillOpen(sim));
  await until(sim, 'all-published', PATIENCE_MS, () => overseer.unpublished());
  for (const process of crew.living()) void process.stop();
  await until(sim, 'ends', PATIENCE_MS, () => (crew.living().length === 0 ? null : 'a process that does not'));
  await overseer.finish();
  if (sim.swarm.seed % AGAIN === 0) await beginAgain(sim);
}

/** Somebody begins anew from what is kept after an end in good order. */
async function beginAgain(sim: Simulation): Promise<void> {
  const { crew } = sim;
  const before = crew.all.length;
  crew.tend(false);
  const [first] = crew.all.slice(before);
  await until(sim, 'begins-again', PATIENCE_MS, () => (first?.hasTakenOver() ? null : 'nobody who trades'));
}

/** Of so many seeds one is begun anew at its end. */
const AGAIN = 8;

/**
 * What nothing came of is committed only after a while. In most seeds a command makes haste, so that time is spent on more
 * seeds and not on waiting.
 */
function nudging(sim: Simulation): Question {
  let asked = 0;
  return async () => {
    const left = leftToTake(sim);
    asked += 1;
    const isDue = asked % NUDGE_STEPS === 0 && asked <= NUDGE_STEPS * NUDGES_MAX;
    if (left !== null && isDue && sim.swarm.seed % PATIENT !== 0) await sim.commands.stopAll();
    return left;
  };
}

/** Looks between two nudges, how many there are at the most, and of how many seeds one is patient. */
const NUDGE_STEPS = 4;
const NUDGES_MAX = 2;
const PATIENT = 8;

/** What is missing, in words or as the rule that says so; null = nothing. */
type Question = () => string | null | Promise<string | Violation | null>;

/** Lets time pass until nothing is missing. @throws Violation of a liveness rule */
async function until(sim: Simulation, rule: RuleName, patienceMs: number, missing: Question): Promise<void> {
  for (let waited = 0; ; waited += STEP_MS) {
    const what = await missing();
    if (what === null) return;
    if (waited >= patienceMs) {
      if (what instanceof Violation) throw what;
      throw new Violation(rule, `nothing missing ${patienceMs} ms after the last fault`, what);
    }
    await sim.advance(STEP_MS);
    if (rule !== 'ends') sim.crew.tend(true);
  }
}

/** A partition that is not read to its end; null when all are. */
export function leftToTake({ swarm, ledger, overseer }: Simulation): string | null {
  for (const [topic, partition, name, next] of ledger.ends()) {
    if (isLockStep(swarm.world) && topic === TOPICS.marketData && partition !== 0) continue;
    const cursor = `${topic}:${partition}${name}`;
    for (let shard = 0; shard < swarm.shards; shard++) {
      const position = overseer.position(shard, cursor) ?? 0;
      if (position < next) return `${cursor} of shard ${shard} taken up to ${position} of ${next}`;
    }
  }
  return null;
}

async function stillStored({ store, swarm }: Simulation): Promise<string | null> {
  const waiting = await store.app.commands.waiting(swarm.world);
  return waiting.length === 0 ? null : `${waiting.map(({ command }) => command.id).join(' ')} waiting in the store`;
}

function stillOpen({ swarm, overseer }: Simulation): string | null {
  for (let shard = 0; shard < swarm.shards; shard++) {
    for (const { id, status, open } of overseer.auditorOf(shard).accounts.values()) {
      if (status !== 'STOPPED' || open.size > 0) return `${id} is ${status} with ${open.size} open`;
    }
  }
  return null;
}
