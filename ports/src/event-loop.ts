/**
 * Ends the process when its event loop stands still: one that neither answers nor trades must not look alive to whoever
 * would start it again. A thread of its own watches, as the loop itself cannot.
 */
import { url as inspectorUrl } from 'node:inspector';
import { Worker } from 'node:worker_threads';

/** How often the loop shows that it turns, and the watcher looks. */
const LOOK_MS = 250;
/** How long it may stand still. Looks are counted, not time: a process that was suspended whole has missed none. */
export const STALL_MS_MAX = 5_000;

/** Plain JavaScript, as it runs the same from source and from what was built. */
const WATCHER = `
  const { writeSync } = require('node:fs');
  const { workerData } = require('node:worker_threads');
  const { turns, lookMs, looksMax } = workerData;
  let seen = -1;
  let missed = 0;
  setInterval(() => {
    const now = Atomics.load(turns, 0);
    missed = now === seen ? missed + 1 : 0;
    seen = now;
    if (missed < looksMax) return;
    writeSync(2, 'the event loop stood still for ' + (looksMax * lookMs) / 1000 + ' s: this process ends\\n');
    process.kill(process.pid, 'SIGKILL');
  }, lookMs);
`;

/**
 * Watches this process until it ends; call it once. Does nothing where a debugger may hold the process.
 *
 * @param stallMsMax Left out: `STALL_MS_MAX`.
 */
export function endOnStall(stallMsMax: number = STALL_MS_MAX): void {
  if (inspectorUrl() !== undefined) return;
  const turns = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const looksMax = Math.ceil(stallMsMax / LOOK_MS);
  const workerData = { turns, lookMs: LOOK_MS, looksMax };
  const watcher = new Worker(WATCHER, { eval: true, execArgv: [], workerData });
  watcher.unref();
  setInterval(() => Atomics.add(turns, 0, 1), LOOK_MS).unref();
}
