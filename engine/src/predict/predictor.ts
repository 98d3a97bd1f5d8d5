/**
 * The predictor: reads prices, publishes one signal for each closed candle of each symbol, and says once a second how
 * it is. Its signals are a function of the candles read: restarts, batches and speed change no byte of them in a lock-
 * step world. It ends by itself only when bus or store have not answered for 10 minutes or refuse for good.
 */
import type { Bus, Clock, Log, Service, Store } from '@kairos/ports';
import type { Config, World } from '@kairos/schema';
import { isLockStep } from '@kairos/schema';
import { openExchange } from './shell/exchange.js';
import type { Feeding, FetchHistory } from './shell/feeding.js';
import type { Condition } from './shell/health.js';
import { reportHealth } from './shell/health.js';
import { openLockStep } from './shell/lock-step.js';
import { createRetry, Stopping } from './shell/retry.js';

export interface PredictorDeps {
  readonly bus: Bus;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  /** Of an exchange: closed candles of a symbol up to now, oldest first. Left out: it learns from the bus alone. */
  readonly history?: FetchHistory;
}

export interface PredictorOptions {
  readonly config: Config;
  readonly world: World;
  /** Names this process in its health reports. */
  readonly instance: string;
}

export function createPredictor(deps: PredictorDeps, options: PredictorOptions): Service {
  const { bus, store, clock, log } = deps;
  const stopping = new AbortController();
  const { signal } = stopping;
  const retry = createRetry({ clock, log, signal });
  const opened = createSettling();
  const ended = createSettling();
  let feeding: Feeding | null = null;
  let running: Promise<void> | null = null;

  async function open(): Promise<Feeding> {
    const feedingDeps = { bus, store, clock, log, retry, history: deps.history ?? null };
    return isLockStep(options.world) ? openLockStep(feedingDeps, options) : openExchange(feedingDeps, options);
  }

  async function predict(): Promise<void> {
    try {
      feeding = await open();
      opened.resolve();
      while (!signal.aborted) await feeding.step();
    } catch (error) {
      if (!(error instanceof Stopping)) throw error;
    }
  }

  async function condition(): Promise<Condition> {
    const trouble = retry.trouble();
    const lag = feeding ? await feeding.lag() : null;
    const worldTime = feeding?.worldTime() ?? null;
    return { healthy: trouble === null, detail: trouble ?? describe(feeding), lag, worldTime };
  }

  async function run(): Promise<void> {
    const health = reportHealth({ bus, clock, log, signal }, options.instance, condition);
    try {
      await predict();
    } finally {
      stopping.abort();
      await feeding?.close();
      await health;
    }
  }

  return {
    ended: ended.promise,
    async start() {
      running ??= run().then(ended.resolve, ended.reject);
      await Promise.race([opened.promise, ended.promise]);
    },
    async stop() {
      stopping.abort();
      await feeding?.close();
      await running;
      ended.resolve();
    },
  };
}

/** A promise that is settled from outside; only the first time counts. */
function createSettling() {
  let resolve: () => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const promise = new Promise<void>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve: () => resolve(), reject: (error: unknown) => reject(error) };
}

function describe(feeding: Feeding | null): string {
  if (!feeding) return 'starting';
  const symbols = [...feeding.progress().values()];
  const candles = symbols.reduce((sum, progress) => sum + progress.candles, 0);
  const plural = symbols.length === 1 ? '' : 's';
  return `trained on ${candles.toLocaleString('en-US')} candles of ${symbols.length} symbol${plural}`;
}
