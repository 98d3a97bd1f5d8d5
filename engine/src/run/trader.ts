/** The trader of a world: owns a part of its accounts, or all of them, and trades. */
import type { Bus, Clock, Holding, Log, Ownership, Service, Store } from '@kairos/ports';
import { isPortError, OVER, shardOf } from '@kairos/ports';
import type { Config, World } from '@kairos/schema';
import type { createEngine } from '../core/engine.js';
import type { TradingRules } from '../core/rules.js';
import type { Fleet } from './fleet.js';
import { createFleet } from './fleet.js';
import { createHealthReporter } from './health.js';
import { createIntakes } from './intake.js';
import { createShard } from './shard.js';
import { createStoredCommands } from './stored-commands.js';
import { createTraderReport } from './trader-report.js';
import { logBanner } from './trade-log.js';

export interface TraderDeps {
  readonly bus: Bus;
  readonly store: Store;
  /** Which shards are this process's own. */
  readonly ownership: Ownership;
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

/** How long one look at who owns which shard takes, and how long until the next after one that failed. */
const LOOK_MS = 250;
const LOOK_RETRY_MS = 1_000;

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
 * A trader. `start` resolves when it has its place: where only one may trade, a second one waits for the first and says
 * so. `ended` rejects when it cannot go on.
 */
export function createTrader(deps: TraderDeps, options: TraderOptions): Service {
  const { ownership, clock, log } = deps;
  const { config, world } = options;
  const fleet = createFleetOf(deps, options);
  const stopping = new AbortController();
  const { signal } = stopping;
  let hasStarted = false;
  let settle: (outcome: Promise<void>) => void = () => undefined;
  const ended = new Promise<void>((resolve) => {
    settle = resolve;
  });
  let holding: Holding | null = null;
  const report = createTraderReport(deps, options, { fleet, hasPlace: () => holding !== null });
  const health = createHealthReporter(deps, report);

  /** While it cannot be told who owns what, each shard goes on until its journal refuses. */
  const look = async (place: Holding): Promise<readonly number[] | null> => {
    try {
      return await place.look(LOOK_MS, signal);
    } catch (error) {
      if (!isPortError(error) || !error.isRetriable) throw error;
      log.warn({ code: error.code }, `cannot tell which shards are our own: ${error.message}`);
      await clock.sleep(LOOK_RETRY_MS, signal);
      return null;
    }
  };

  const own = async (place: Holding): Promise<void> => {
    while (!signal.aborted) {
      const shards = await Promise.race([look(place), fleet.failed]);
      if (shards && !signal.aborted) fleet.assign(shards);
    }
  };

  const run = async (place: Holding): Promise<void> => {
    try {
      await own(place);
    } finally {
      health.stop();
      await fleet.stop();
      await place.release();
    }
  };

  return {
    ended,
    async start() {
      hasStarted = true;
      logBanner(log, config, world);
      health.start();
      const onWaiting = () => log.warn({ world }, 'another engine trades in this world: waiting until it ends');
      holding = await ownership.acquire({ onWaiting, signal });
      if (!holding) health.stop();
      settle(holding ? run(holding) : Promise.resolve());
    },
    async stop() {
      stopping.abort(OVER);
      if (hasStarted) await Promise.allSettled([ended]);
    },
  };
}

/** What a restart cures, or people. With one shard there is nothing else to go on for: whoever started the process decides. */
function isFatal(error: unknown, shards: number): boolean {
  if (isPortError(error, 'STUCK')) return true;
  return shards === 1 && !(isPortError(error) && (error.isRetriable || error.code === 'FENCED'));
}

/** The shards of a trader, each with the rules for its own accounts. */
function createFleetOf(deps: TraderDeps, options: TraderOptions): Fleet {
  const { store, log, clock } = deps;
  const { shards } = store;
  const shared = {
    intakes: createIntakes(deps, options.world),
    storedCommands: createStoredCommands(deps, options.world),
  };
  return createFleet({
    clock,
    log,
    isFatal: (error) => isFatal(error, shards),
    createShard(shard) {
      const ownsAccount = (accountId: string): boolean => shardOf(accountId, shards) === shard;
      return createShard(
        { ...deps, ...shared, log: shards === 1 ? log : log.child({ shard }) },
        { ...options, rules: rulesOf(options.config, ownsAccount), shard },
      );
    },
  });
}
