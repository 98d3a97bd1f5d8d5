/** Runs seeds in a thread of its own, many with one loading of the code. */
import { parentPort } from 'node:worker_threads';
import { runSeed } from '../run-seed.js';
import type { Assignment, Report } from './protocol.js';

/** How often it is told which seed is run: for the case that one never ends. */
const TELL_SEEDS = 20;

const port = parentPort;
const tell = (report: Report): void => port?.postMessage(report);

async function runAll({ from, count }: Assignment): Promise<void> {
  let events = 0;
  for (let seed = from; seed < from + count; seed++) {
    if ((seed - from) % TELL_SEEDS === 0) tell({ kind: 'begun', seed });
    const verdict = await runSeed(seed);
    events += verdict.events;
    if (verdict.failure) tell({ kind: 'failed', verdict });
  }
  tell({ kind: 'done', events });
}

port?.on('message', (assignment: Assignment) => {
  void runAll(assignment);
});
