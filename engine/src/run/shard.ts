/** The shell around the core for one shard: takes over its journal, then takes, commits and publishes until stopped. */
import type { Bus, Clock, Log, SentCommand, Store } from '@kairos/ports';
import { isPortError, orLate } from '@kairos/ports';
import type { Config, Instant, World } from '@kairos/schema';
import {
  COMMIT_IDLE_MS_EXCHANGE,
  COMMIT_IDLE_MS_LOCK_STEP,
  FIRST_ACCOUNT_WAIT_MS,
  FIRST_SIGNAL_WAIT_MS,
  isLockStep,
  readInstruments,
} from '@kairos/schema';
import type { Engine } from '../core/engine.js';
import { createEngine } from '../core/engine.js';
import type { Input, InputOf } from '../core/input.js';
import type { TradingRules } from '../core/rules.js';
import { createBatch } from './batch.js';
import type { Committer } from './committer.js';
import { createCommitter } from './committer.js';
import type { Intake, Intakes } from './intake.js';
import type { Outbox } from './outbox.js';
import { createOutbox } from './outbox.js';
import type { Recovered } from './recover.js';
import { recover } from './recover.js';
import type { Taker } from './taker.js';
import type { StoredCommands, StoredCommandsOfShard } from './stored-commands.js';
import { createTaker } from './taker.js';
import type { Waits } from './waits.js';
import { createWaits } from './waits.js';

/** How often an exchange's instruments are read again. */
const INSTRUMENTS_MS = 60_000;
const INSTRUMENTS_RETRY_MS = 5_000;
const OUTBOX_STOP_MS = 2_000;
/** How long a shard that is taken over waits for the bus: what the store says is obeyed all the same, within 1 s. */
const READING_WAIT_MS = 250;

export interface ShardDeps {
  readonly bus: Bus;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  /** What all shards of this process read. */
  readonly intakes: Intakes;
  readonly storedCommands: StoredCommands;
  /** Left out: the core of this house. */
  readonly createEngine?: typeof createEngine;
}

export interface ShardOptions {
  readonly config: Config;
  readonly world: World;
  readonly rules: TradingRules;
  /** Number of the shard; the embedded store has one, 0. */
  readonly shard: number;
  /** This owner's name. */
  readonly instance: string;
}

/** How a shard is, for its health report. */
export interface ShardStatus {
  readonly shard: number;
  readonly worldTime: Engine['state']['now'];
  readonly accounts: number;
  readonly entry: number;
  /** What it waits for or suffers from, in words; null = nothing. */
  readonly trouble: string | null;
  readonly isHealthy: boolean;
  /** The next offset to take, per cursor. */
  readonly positions: Readonly<Record<string, number>>;
}

export interface Shard {
  /**
   * Loads the shard and runs it until the signal aborts. After a failure nothing is left of it in memory: it may be run
   * again, which loads it anew.
   *
   * @throws PortError FENCED when another owner has taken over.
   */
  run(signal: AbortSignal): Promise<void>;
  status(): ShardStatus;
}

/** What works on a shard while this process owns it. */
interface Running {
  readonly engine: Engine;
  readonly intake: Intake;
  readonly outbox: Outbox;
  readonly committer: Committer;
  readonly taker: Taker;
  readonly waits: Waits;
  /** Whether its first entry has kept where inputs begin that had no position. */
  readonly isPinned: boolean;
}

export function createShard(deps: ShardDeps, options: ShardOptions): Shard {
  const { clock, intakes } = deps;
  const { shard, world, rules } = options;
  const idleMs = isLockStep(world) ? COMMIT_IDLE_MS_LOCK_STEP : COMMIT_IDLE_MS_EXCHANGE;
  let running: Running | null = null;

  const loop = async (own: Running, stored: StoredCommandsOfShard, signal: AbortSignal): Promise<void> => {
    const { engine, intake, committer, taker } = own;
    const readInstrumentsNow = createInstrumentReader(deps, world, engine);
    let batch = createBatch(engine.changedBytes);
    let began = clock.monotonicMs();
    let { isPinned } = own;
    const commit = async (): Promise<boolean> => {
      const isCommitted = await committer.commit(batch, signal);
      if (isCommitted) batch = createBatch(engine.changedBytes);
      return isCommitted;
    };
    /** In as many commits as it takes; false when not all of it has been committed. */
    const obeyWhole = async (inputs: Iterable<Input>): Promise<boolean> => {
      for (const input of inputs) {
        while (!taker.step(batch, input)) if (!(await commit())) return false;
        if (batch.isFull() && !(await commit())) return false;
      }
      return commit();
    };
    const obeyStored = async (): Promise<void> => {
      for (const command of await stored.due()) {
        if (await obeyWhole(inputsOf(command, clock.now()))) await stored.settle(command);
      }
    };
    const isOld = (): boolean => clock.monotonicMs() - began >= idleMs || taker.isClosingDue();
    while (!signal.aborted) {
      intake.assertReading();
      await readInstrumentsNow();
      await obeyStored();
      // Where inputs begin is kept before any of them is taken, so that none is missed after a crash.
      if (!isPinned && intake.isReading()) {
        isPinned = await commit();
        continue;
      }
      if (batch.isEmpty()) began = clock.monotonicMs();
      const wait = taker.fill(batch);
      if (batch.isFull() || batch.isUrgent() || (!batch.isEmpty() && isOld())) await commit();
      if (wait.for === 'nothing') await clock.sleep(0, signal);
      else await intake.arrival(Math.min(wait.ms, batch.isEmpty() ? wait.ms : idleMs), signal);
    }
    if (!batch.isEmpty()) await commit();
  };

  const runOn = async (intake: Intake, signal: AbortSignal): Promise<void> => {
    const own = await takeOver({ ...deps, intake }, options, signal);
    running = own;
    const stored = deps.storedCommands.follow(rules.ownsAccount, () => intake.wake());
    try {
      await loop(own, stored, signal);
      await Promise.all([own.outbox.stop(OUTBOX_STOP_MS), own.committer.finish()]);
    } finally {
      running = null;
      stored.stop();
      await own.outbox.stop(0);
    }
  };

  return {
    async run(signal) {
      const intake = intakes.open();
      try {
        await runOn(intake, signal);
      } finally {
        await intake.stop();
      }
    },
    status: () => ({
      shard,
      worldTime: running?.engine.state.now ?? null,
      accounts: running?.engine.state.accounts.size ?? 0,
      entry: running?.committer.entry() ?? 0,
      trouble: running?.committer.trouble() ?? running?.waits.trouble() ?? null,
      isHealthy: running !== null && running.committer.trouble() === null,
      positions: running?.intake.positions() ?? {},
    }),
  };
}

/**
 * Loads state and positions, then says so in an entry that fences the owner before. A bus that does not answer keeps
 * nobody from it: commands of the store are obeyed, closings closed, and the rest is read when it answers.
 */
async function takeOver(
  deps: ShardDeps & { readonly intake: Intake },
  options: ShardOptions,
  signal: AbortSignal,
): Promise<Running> {
  const { store, clock, intake } = deps;
  const { world, shard, rules, config } = options;
  const recovered = await recover(store, world, shard);
  const engine = (deps.createEngine ?? createEngine)(recovered.state, rules);
  const waits = createWaits(clock, { firstSignalMs: FIRST_SIGNAL_WAIT_MS, firstAccountMs: FIRST_ACCOUNT_WAIT_MS });
  const outbox = createOutbox(deps, {
    waiting: recovered.unpublished,
    publishedThrough: (recovered.unpublished[0]?.entry ?? recovered.head.entry + 1) - 1,
  });
  await beginReading(clock, intake, recovered.positions);
  const committer = createCommitter({ ...deps, engine, outbox }, { shard, owner: options.instance, recovered });
  const isPinned = intake.isReading();
  await committer.commit(createBatch(engine.changedBytes), signal);
  outbox.start();
  const taker = createTaker(
    { ...deps, engine, outbox, waits },
    {
      world,
      secret: config.COMMAND_SECRET,
      answersFor: (partition) => partition % store.shards === shard,
    },
  );
  return { engine, intake, outbox, committer, taker, waits, isPinned };
}

/** Waits for the bus, but not for long; what keeps it from reading later on is the intake's to say. */
async function beginReading(clock: Clock, intake: Intake, positions: Recovered['positions']): Promise<void> {
  const begun = intake.start(positions);
  begun.catch(() => undefined); // The intake says so itself, to whoever asks it (`assertReading`).
  await orLate(clock, READING_WAIT_MS, begun);
}

/** A stored command as inputs, one per account. */
function* inputsOf({ command, accountIds }: SentCommand, wall: Instant): Iterable<InputOf<'command'>> {
  for (const accountId of accountIds) {
    yield { kind: 'command', command: { ...command, accountId }, isSigned: true, wall };
  }
}

/** Steps and minimum orders are known of exchanges only: elsewhere amounts have 8 decimals. */
function createInstrumentReader(deps: ShardDeps, world: World, engine: Engine): () => Promise<void> {
  const { store, clock, log } = deps;
  let readAt = -Infinity;
  return async () => {
    if (isLockStep(world) || clock.monotonicMs() - readAt < INSTRUMENTS_MS) return;
    try {
      const instruments = await readInstruments(store.app.facts, world);
      engine.step({ kind: 'instruments', instruments, wall: clock.now() });
      readAt = clock.monotonicMs();
    } catch (error) {
      if (readAt === -Infinity || !isPortError(error) || !error.isRetriable) throw error;
      log.debug({ code: error.code }, `those known are kept, as none can be read now: ${error.message}`);
      readAt += INSTRUMENTS_RETRY_MS;
    }
  };
}
