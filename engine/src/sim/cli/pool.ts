/** Shares seeds out among workers, and gathers what came of them. */
import { Worker } from 'node:worker_threads';
import type { Verdict } from '../run-seed.js';
import type { Assignment, Report } from './protocol.js';

export interface PoolOptions extends Assignment {
  readonly workers: number;
  /** Told how many seeds are done, how many of them have failed, and the first that is not done. */
  readonly onProgress: (progress: { readonly done: number; readonly failed: number; readonly next: number }) => void;
}

export interface PoolResult {
  readonly failures: readonly Verdict[];
  readonly events: number;
  readonly seeds: number;
}

/** Worlds are many and short: hardly anything outlives the next collection, and what is young stays in the CPU's cache. */
const LIMITS = { maxYoungGenerationSizeMb: 6 };
/** Seeds that a worker is given at a time. */
const SHARE_SEEDS = 200;
/** Failures after which no more seeds are begun. */
const FAILURES_MAX = 20;
/** A worker that says nothing for so long hangs: a step of the system under test does not end. */
const SILENCE_MS = 120_000;

export async function runPool(options: PoolOptions): Promise<PoolResult> {
  const failures: Verdict[] = [];
  const end = options.from + options.count;
  const begun = new Set<number>();
  let next = options.from;
  let done = 0;
  let events = 0;

  const take = (): Assignment | null => {
    if (next >= end || failures.length >= FAILURES_MAX) return null;
    const from = next;
    const count = Math.min(SHARE_SEEDS, end - from);
    next += count;
    begun.add(from);
    return { from, count };
  };

  const finish = ({ from, count }: Assignment, eventsOfShare: number): void => {
    begun.delete(from);
    done += count;
    events += eventsOfShare;
    options.onProgress({ done, failed: failures.length, next: Math.min(next, ...begun) });
  };

  const work = async (): Promise<void> => {
    for (let share = take(); share; share = take()) {
      const worker = new Worker(new URL('./worker.js', import.meta.url), { resourceLimits: LIMITS });
      let current: Assignment | null = share;
      while (current) {
        const events = await runShare(worker, current, (verdict) => failures.push(verdict));
        finish(current, events ?? 0);
        if (events === null) break;
        current = take();
      }
      await worker.terminate();
    }
  };

  await Promise.all(Array.from({ length: options.workers }, work));
  return { failures, events, seeds: done };
}

/** Events of the share; null when the worker did not survive it, which is a failure of the seed that it was at. */
function runShare(worker: Worker, share: Assignment, onFailure: (verdict: Verdict) => void): Promise<number | null> {
  return new Promise((resolve) => {
    let seed = share.from;
    const lost = (found: string): void => {
      const story = [`one of the seeds from ${seed} on: run them one by one`];
      onFailure({
        seed,
        hash: '',
        events: 0,
        failure: { kind: 'crash', rule: 'crash', expected: 'an end', found, story },
      });
      settle(null);
    };
    const silence = setTimeout(() => lost(`nothing for ${SILENCE_MS} ms`), SILENCE_MS);
    const onError = (error: unknown): void =>
      lost(error instanceof Error ? (error.stack ?? error.message) : String(error));
    const settle = (events: number | null): void => {
      clearTimeout(silence);
      worker.off('message', onMessage);
      worker.off('error', onError);
      resolve(events);
    };
    const onMessage = (report: Report): void => {
      silence.refresh();
      if (report.kind === 'begun') seed = report.seed;
      else if (report.kind === 'failed') onFailure(report.verdict);
      else settle(report.events);
    };
    worker.on('message', onMessage);
    worker.on('error', onError);
    worker.postMessage(share);
  });
}
