/** `npm run sim`: seeds in, verdicts out. */
import { availableParallelism } from 'node:os';
import { performance } from 'node:perf_hooks';
import { runSeed } from '../run-seed.js';
import type { SimArgs } from './args.js';
import { readArgs, USAGE, UsageError } from './args.js';
import { runPool } from './pool.js';
import { EXIT_NOT_REPLAYED, EXIT_USAGE, exitCodeOf, lineOf, storyOf } from './report.js';

export interface Terminal {
  out(line: string): void;
  error(line: string): void;
}

/** Stories that are told in full; of the other failures a line each. */
const STORIES_MAX = 3;
const PROGRESS_SEEDS = 10_000;

/** Runs and resolves with the exit code. */
export async function runSim(argv: readonly string[], terminal: Terminal): Promise<number> {
  let args: SimArgs;
  try {
    args = readArgs(argv, availableParallelism());
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    terminal.error(`${error.message}\n\n${USAGE}`);
    return EXIT_USAGE;
  }
  return args.isReplay ? replay(args, terminal) : sweep(args, terminal);
}

/** One seed, twice: the second run must be the first, bit for bit. */
async function replay({ from, isJson }: SimArgs, { out, error }: Terminal): Promise<number> {
  const first = await runSeed(from);
  const second = await runSeed(from);
  if (isJson) out(JSON.stringify(first));
  else out(first.failure ? storyOf(from, first.failure) : lineOf(first));
  if (!isJson) out(`history ${first.hash}, ${first.events} events`);
  if (first.hash === second.hash) return exitCodeOf([first]);
  error(`seed ${from} did not replay: history ${first.hash}, then ${second.hash}`);
  return EXIT_NOT_REPLAYED;
}

async function sweep({ from, seeds, workers, isJson }: SimArgs, { out, error }: Terminal): Promise<number> {
  const began = performance.now();
  let told = 0;
  const {
    failures,
    events,
    seeds: done,
  } = await runPool({
    from,
    count: seeds,
    workers,
    onProgress({ done: count, next, failed }) {
      if (count - told < PROGRESS_SEEDS || count === seeds) return;
      told = count;
      error(`${count} of ${seeds} seeds, ${failed} failed, ${secondsSince(began)} s; to go on: --from=${next}`);
    },
  });
  const sorted = [...failures].sort((a, b) => a.seed - b.seed);
  if (isJson) for (const verdict of sorted) out(JSON.stringify(verdict));
  else sorted.forEach((verdict, i) => error(tell(verdict, i)));
  const summary = { from, seeds: done, events, failures: failures.length, seconds: secondsSince(began), workers };
  if (isJson) out(JSON.stringify(summary));
  else
    out(
      `${done} seeds from ${from}: ${failures.length} failed, ${events} events audited, ` +
        `${summary.seconds} s on ${workers} workers`,
    );
  return exitCodeOf(failures);
}

const tell = (verdict: Parameters<typeof lineOf>[0], index: number): string =>
  verdict.failure && index < STORIES_MAX ? storyOf(verdict.seed, verdict.failure) : lineOf(verdict);

const secondsSince = (began: number): number => Math.round((performance.now() - began) / 100) / 10;
