/** The shell around the core for one shard: takes over its journal, then takes, commits and publishes until stopped. */
import type { Bus, Clock, Log, SentCommand, Store } from '@kairos/ports';
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
import type { InputOf } from '../core/input.js';
import type { TradingRules } from '../core/rules.js';
import { createBatch } from './batch.js';
import type { Committer } from './committer.js';
import { createCommitter } from './committer.js';
import type { Intake } from './intake.js';
import type { Outbox } from './outbox.js';
import { createOutbox } from './outbox.js';
import { recover } from './recover.js';
import type { Taker } from './taker.js';
import { createTaker } from './taker.js';
import { createWaits } from './waits.js';

/** How often commands are looked for that wait in the store because the bus is down. */
const STORED_COMMANDS_MS = 500;
/** How long a command may be on its way to the bus before it is taken from the store. */
const ON_ITS_WAY_MS = 1_000;
/** How often an exchange's instruments are read again. */
const INSTRUMENTS_MS = 60_000;
const OUTBOX_STOP_MS = 2_000;

export interface ShardDeps {
  readonly bus: Bus;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly intake: Intake;
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
  readonly worldTime: Engine['state']['now'];
  readonly accounts: number;
  readonly entry: number;
  /** What it waits for or suffers from, in words; null = nothing. */
  readonly trouble: string | null;
  readonly isHealthy: boolean;
}

export interface Shard {
  /** Runs until the signal aborts. @throws PortError FENCED when another owner has taken over. */
  run(signal: AbortSignal): Promise<void>;
  status(): ShardStatus;
}

/** What works on a shard while this process owns it. */
interface Running {
  readonly engine: Engine;
  readonly outbox: Outbox;
  readonly committer: Committer;
  readonly taker: Taker;
}

export function createShard(deps: ShardDeps, options: ShardOptions): Shard {
  const { clock, intake } = deps;
  const idleMs = isLockStep(options.world) ? COMMIT_IDLE_MS_LOCK_STEP : COMMIT_IDLE_MS_EXCHANGE;
  const waits = createWaits(clock, { firstSignalMs: FIRST_SIGNAL_WAIT_MS, firstAccountMs: FIRST_ACCOUNT_WAIT_MS });
  let running: Running | null = null;

  const loop = async (own: Running, signal: AbortSignal): Promise<void> => {
    const errands = createErrands(deps, options.world, own.engine);
    let batch = createBatch();
    let began = clock.monotonicMs();
    const commit = async (): Promise<boolean> => {
      const isCommitted = await own.committer.commit(batch, signal);
      if (isCommitted) batch = createBatch();
      return isCommitted;
    };
    const obeyStored = async (): Promise<void> => {
      for (const stored of await errands.storedCommands()) {
        for (const input of inputsOf(stored, clock.now())) own.taker.step(batch, input);
        if (await commit()) await errands.markObeyed(stored.command.id);
      }
    };
    const isOld = (): boolean => !batch.isEmpty() && clock.monotonicMs() - began >= idleMs;
    while (!signal.aborted) {
      intake.assertReading();
      await errands.readInstruments();
      await obeyStored();
      if (batch.isEmpty()) began = clock.monotonicMs();
      const wait = own.taker.fill(batch);
      if (batch.isFull() || batch.isUrgent() || isOld()) await commit();
      if (wait.for === 'nothing') await clock.sleep(0, signal);
      else await intake.arrival(Math.min(wait.ms, batch.isEmpty() ? wait.ms : idleMs), signal);
    }
    if (!batch.isEmpty()) await commit();
  };

  return {
    async run(signal) {
      const own = await takeOver(deps, { ...options, waits }, signal);
      running = own;
      await loop(own, signal);
      await own.outbox.stop(OUTBOX_STOP_MS);
      await own.committer.finish();
    },
    status: () => ({
      worldTime: running?.engine.state.now ?? null,
      accounts: running?.engine.state.accounts.size ?? 0,
      entry: running?.committer.entry() ?? 0,
      trouble: running?.committer.trouble() ?? waits.trouble(),
      isHealthy: running !== null && running.committer.trouble() === null,
    }),
  };
}

/** Loads state and positions, then says so in an entry that fences the owner before. */
async function takeOver(
  deps: ShardDeps,
  options: ShardOptions & { readonly waits: ReturnType<typeof createWaits> },
  signal: AbortSignal,
): Promise<Running> {
  const { store, intake } = deps;
  const { world, shard, waits } = options;
  const recovered = await recover(store, world, shard);
  const engine = (deps.createEngine ?? createEngine)(recovered.state, options.rules);
  const outbox = createOutbox(deps, {
    waiting: recovered.unpublished,
    publishedThrough: (recovered.unpublished[0]?.entry ?? recovered.head.entry + 1) - 1,
  });
  outbox.start();
  await intake.start(recovered.positions);
  const committer = createCommitter({ ...deps, engine, outbox }, { shard, owner: options.instance, recovered });
  await committer.commit(createBatch(), signal);
  const taker = createTaker({ ...deps, engine, outbox, waits }, { world, secret: options.config.COMMAND_SECRET });
  return { engine, outbox, committer, taker };
}

/** A stored command as inputs, one per account. */
function* inputsOf({ command, accountIds }: SentCommand, wall: Instant): Iterable<InputOf<'command'>> {
  for (const accountId of accountIds) {
    yield { kind: 'command', command: { ...command, accountId }, isSigned: true, wall };
  }
}

/** What is looked after beside the bus, now and then. */
function createErrands({ store, clock, log }: ShardDeps, world: World, engine: Engine) {
  let storedLookedAt = -Infinity;
  let instrumentsReadAt = -Infinity;

  return {
    /** Steps and minimum orders are known of exchanges only: elsewhere amounts have 8 decimals. */
    async readInstruments(): Promise<void> {
      if (isLockStep(world) || clock.monotonicMs() - instrumentsReadAt < INSTRUMENTS_MS) return;
      instrumentsReadAt = clock.monotonicMs();
      const instruments = await readInstruments(store.app.facts, world);
      engine.step({ kind: 'instruments', instruments, wall: clock.now() });
    },
    /**
     * Commands that wait in the store because the bus was down when they were given. They need no signature: only
     * those who hold the store's keys can have put them there.
     */
    async storedCommands(): Promise<readonly SentCommand[]> {
      if (clock.monotonicMs() - storedLookedAt < STORED_COMMANDS_MS) return [];
      storedLookedAt = clock.monotonicMs();
      const waiting = await store.app.commands.waiting(world).catch((error: unknown) => {
        log.debug({ error: String(error) }, 'cannot look for stored commands');
        return [];
      });
      return waiting.filter(({ sentAt }) => clock.now() - sentAt >= ON_ITS_WAY_MS);
    },
    async markObeyed(id: string): Promise<void> {
      await store.app.commands.markPublished(id);
      log.info({ command: id }, 'obeyed from the store, as the bus was down');
    },
  };
}
