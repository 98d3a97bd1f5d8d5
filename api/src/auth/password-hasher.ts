/**
 * bcrypt in worker threads: at most as many hashes at once as there are workers, the rest waits in a bounded queue.
 * The event loop never computes one.
 */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { TooManyRequestsError, UnavailableError } from '../graphql/errors.js';

/** Hashes that may wait; more are refused at once. */
export const HASH_QUEUE_LENGTH_MAX = 64;
/** bcrypt cost of stored passwords. */
export const BCRYPT_COST = 10;
const RETRY_AFTER_SECONDS = 2;

export interface PasswordHasher {
  hash(password: string): Promise<string>;
  /** False for a wrong password and for a hash of null: both take the same time. */
  matches(password: string, hash: string | null): Promise<boolean>;
  stop(): Promise<void>;
}

export interface PasswordHasherOptions {
  /** Default: one per core, and at most 4. */
  readonly workers?: number;
  /** Default BCRYPT_COST. */
  readonly cost?: number;
  readonly queueLengthMax?: number;
}

type Task =
  | { readonly kind: 'hash'; readonly password: string; readonly cost: number }
  | { readonly kind: 'compare'; readonly password: string; readonly hash: string };
type Answer =
  { readonly ok: true; readonly value: string | boolean } | { readonly ok: false; readonly message: string };

interface Job {
  readonly task: Task;
  readonly resolve: (value: string | boolean) => void;
  readonly reject: (error: Error) => void;
}

const WORKERS_MAX = 4;
const WORKER_FILE = new URL('./hash-worker.js', import.meta.url);

/** Workers are started when first needed and do not keep the process alive. */
export function createPasswordHasher(options: PasswordHasherOptions = {}): PasswordHasher {
  const workersMax = options.workers ?? Math.min(availableParallelism(), WORKERS_MAX);
  const pool = createPool(workersMax, options.queueLengthMax ?? HASH_QUEUE_LENGTH_MAX);
  const cost = options.cost ?? BCRYPT_COST;
  const nobodys = hashOfNobody(cost);

  return {
    hash: async (password) => String(await pool.run({ kind: 'hash', password, cost })),
    async matches(password, stored) {
      const isEqual = await pool.run({ kind: 'compare', password, hash: stored ?? nobodys });
      return stored !== null && isEqual === true;
    },
    stop: () => pool.stop(),
  };
}

/** A well-formed hash that no password has, as dear to compare as a real one. */
const hashOfNobody = (cost: number): string => `$2b$${String(cost).padStart(2, '0')}$${'N'.repeat(53)}`;

function createPool(workersMax: number, queueLengthMax: number) {
  const idle: Worker[] = [];
  const busy = new Map<Worker, Job>();
  const queue: Job[] = [];
  let isStopped = false;

  const finish = (worker: Worker): Job | undefined => {
    const job = busy.get(worker);
    busy.delete(worker);
    return job;
  };
  const lose = (worker: Worker) => {
    finish(worker)?.reject(new UnavailableError('Passwords cannot be checked now; nothing was done.'));
    if (idle.includes(worker)) idle.splice(idle.indexOf(worker), 1);
    void worker.terminate();
    next();
  };
  const start = (): Worker => {
    const worker = new Worker(WORKER_FILE);
    worker.unref();
    worker.on('message', (answer: Answer) => {
      const job = finish(worker);
      idle.push(worker);
      if (answer.ok) job?.resolve(answer.value);
      else job?.reject(new Error(answer.message));
      next();
    });
    worker.on('error', () => lose(worker));
    return worker;
  };
  const next = () => {
    if (queue.length === 0 || isStopped) return;
    const worker = idle.pop() ?? (busy.size < workersMax ? start() : null);
    const job = worker && queue.shift();
    if (!worker || !job) return;
    busy.set(worker, job);
    worker.postMessage(job.task);
  };

  return {
    run: (task: Task): Promise<string | boolean> =>
      new Promise((resolve, reject) => {
        if (isStopped) return reject(new UnavailableError('The server is stopping; nothing was done.'));
        if (queue.length >= queueLengthMax) return reject(new TooManyRequestsError(RETRY_AFTER_SECONDS));
        queue.push({ task, resolve, reject });
        next();
      }),
    async stop() {
      isStopped = true;
      const waiting = [...queue.splice(0), ...busy.values()];
      const workers = [...idle.splice(0), ...busy.keys()];
      busy.clear();
      for (const job of waiting) job.reject(new UnavailableError('The server is stopping; nothing was done.'));
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}
