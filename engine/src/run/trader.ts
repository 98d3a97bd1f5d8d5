/** The trader of a world: owns its accounts while it holds the lock, and trades. */
import type { Bus, Clock, Lock, LockHandle, Log, Service, Store } from '@kairos/ports';
import type { Config, HealthReport, World } from '@kairos/schema';
import { TOPICS } from '@kairos/schema';
import type { createEngine } from '../core/engine.js';
import type { TradingRules } from '../core/rules.js';
import { createHealthReporter } from './health.js';
import { createIntake } from './intake.js';
import { createShard } from './shard.js';
import { logBanner } from './trade-log.js';

export interface TraderDeps {
  readonly bus: Bus;
  readonly store: Store;
  readonly lock: Lock;
  readonly clock: Clock;
  readonly log: Log;
  /** The core; left out: the one of this house. The simulator listens in on it, and breaks it on purpose. */
  readonly createEngine?: typeof createEngine;
}

export interface TraderOptions {
  readonly config: Config;
  readonly world: World;
  /** This process's name: one per start. */
  readonly instance: string;
}

/** One owner has every account of an embedded world. */
const ONLY_SHARD = 0;

/** The rules that a configuration stands for, for the accounts of one shard. */
export function rulesOf(config: Config, ownsAccount: TradingRules['ownsAccount']): TradingRules {
  return {
    signalAgeMaxMs: config.MAX_SIGNAL_AGE_SECONDS * 1_000,
    priceBand: config.PRICE_BAND,
    commandAgeMaxMs: config.COMMAND_MAX_AGE_SECONDS * 1_000,
    requiresSignature: config.COMMAND_SECRET !== null,
    ownsAccount,
    defaultSettings: {
      symbols: config.SYMBOLS,
      minConfidence: config.MIN_CONFIDENCE,
      riskPerTrade: config.RISK_PER_TRADE,
      commission: config.COMMISSION,
      slippage: 0n as TradingRules['priceBand'],
      maxOpenPositions: 10,
      stopLoss: null,
      takeProfit: null,
      trailingStop: null,
      cooldownSeconds: 0,
      dailyLossLimit: null,
      maxDrawdown: null,
    },
  };
}

/**
 * A trader. `start` resolves when it owns the world's accounts: a second one waits for the first and says so.
 * `ended` rejects with PortError FENCED when another owner has taken over.
 */
export function createTrader(deps: TraderDeps, options: TraderOptions): Service {
  const { bus, lock, clock, log } = deps;
  const { config, world, instance } = options;
  const intake = createIntake(deps, world);
  const shard = createShard({ ...deps, intake }, { ...options, rules: rulesOf(config, () => true), shard: ONLY_SHARD });
  const stopping = new AbortController();
  let hasStarted = false;
  let settle: (outcome: Promise<void>) => void = () => undefined;
  const ended = new Promise<void>((resolve) => {
    settle = resolve;
  });
  const health = createHealthReporter(deps, report);
  let handle: LockHandle | null = null;

  async function report(): Promise<HealthReport> {
    const status = shard.status();
    const what = `${status.accounts} account${status.accounts === 1 ? '' : 's'}, entry ${status.entry}`;
    return {
      component: 'trader',
      instance,
      at: clock.now(),
      healthy: status.isHealthy,
      detail: status.trouble ?? (handle ? what : 'waiting: another trader owns this world'),
      lag: await lag(),
      worldTime: status.worldTime,
      feedName: null,
      feedSpeed: null,
      feedEndedAt: null,
    };
  }

  /** Records of prices, signals and commands that have not been taken yet. */
  async function lag(): Promise<number> {
    const positions = intake.positions();
    const topics = [TOPICS.marketData, TOPICS.signals, TOPICS.commands];
    const offsets = (await Promise.all(topics.map((topic) => bus.offsets(topic)))).flat();
    return offsets.reduce((sum, { topic, partition, next }) => {
      const position = positions[`${topic}:${partition}`];
      return position === undefined ? sum : sum + Math.max(0, next - position);
    }, 0);
  }

  const run = async (): Promise<void> => {
    try {
      await shard.run(stopping.signal);
    } finally {
      await intake.stop();
      await health.stop();
      await handle?.release();
    }
  };

  return {
    ended,
    async start() {
      hasStarted = true;
      logBanner(log, config, world);
      health.start();
      handle = await lock.acquire({
        onWaiting: () => log.warn({ world }, 'another engine trades in this world: waiting until it ends'),
        signal: stopping.signal,
      });
      settle(handle ? run() : health.stop());
    },
    async stop() {
      stopping.abort();
      if (hasStarted) await Promise.allSettled([ended]);
    },
  };
}
