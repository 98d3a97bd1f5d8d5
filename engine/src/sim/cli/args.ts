/** What `npm run sim` is asked: everything is checked before anything runs. */
import { parseArgs } from 'node:util';

export interface SimArgs {
  readonly from: number;
  readonly seeds: number;
  readonly workers: number;
  /** One seed was named: its story is told, and it is run twice. */
  readonly isReplay: boolean;
  readonly isJson: boolean;
}

export const USAGE = `npm run sim -- --seed=N                               runs one seed twice and tells its story if a rule breaks
npm run sim -- --seeds=N [--from=K] [--workers=W]     runs N seeds from K (default 1) on W workers (default: one per core)
--json: one line of JSON for each failure and at the end

exit code: 0 every rule held, 2 wrong usage, 3 crash, 4 a safety rule broke, 5 a liveness rule broke, 6 a seed that did not replay`;

const SEED_MAX = 2 ** 31;
const WORKERS_MAX = 64;

/** @throws UsageError */
export function readArgs(argv: readonly string[], cores: number): SimArgs {
  const { values } = parsed(argv);
  if ((values.seed === undefined) === (values.seeds === undefined)) throw new UsageError('expected --seed or --seeds');
  const from = wholeNumber('--from', values.seed ?? values.from ?? '1', SEED_MAX);
  const seeds = wholeNumber('--seeds', values.seeds ?? '1', SEED_MAX - from);
  const workers = wholeNumber('--workers', values.workers ?? String(cores), WORKERS_MAX);
  const isReplay = values.seed !== undefined;
  return { from, seeds, workers: Math.min(workers, seeds), isReplay, isJson: values.json ?? false };
}

/** The command line is not one of those in USAGE. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

function parsed(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        seed: { type: 'string' },
        seeds: { type: 'string' },
        from: { type: 'string' },
        workers: { type: 'string' },
        json: { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function wholeNumber(name: string, text: string, max: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= 1 && value <= max) return value;
  throw new UsageError(`${name}: expected a whole number from 1 to ${max}, found ${text}`);
}
