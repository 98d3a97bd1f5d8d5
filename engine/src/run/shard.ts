/**
 * The shell around the core for one shard: takes inputs in order, commits what came of them, publishes it.
 *
 * Nothing is acknowledged but by the commit: positions travel in the journal entry, so a crash anywhere is healed by
 * loading snapshot and tail and going on.
 */
import type { Bus, Clock, JournalEntry, Log, Store } from '@kairos/ports';
import type { Config, World } from '@kairos/schema';
import {
  COMMIT_IDLE_MS_EXCHANGE,
  COMMIT_IDLE_MS_LOCK_STEP,
  COMMIT_STEPPING_MS_MAX,
  deadLetterOf,
  feedKindOf,
  FIRST_ACCOUNT_WAIT_MS,
  FIRST_SIGNAL_WAIT_MS,
  isLockStep,
  readInstruments,
} from '@kairos/schema';
import type { Engine } from '../core/engine.js';
import { createEngine } from '../core/engine.js';
import type { Input } from '../core/input.js';
import type { TradingRules } from '../core/rules.js';
import { appendUntilKnown } from './append.js';
import type { Batch } from './batch.js';
import { createBatch } from './batch.js';
import { equityPoints } from './equity.js';
import type { Intake, Taken } from './intake.js';
import { judge } from './judge.js';
import type { Outbox } from './outbox.js';
import { createOutbox } from './outbox.js';
import { recover, snapshotText } from './recover.js';
import { logEvent } from './trade-log.js';
import type { Wait } from './waits.js';
import { createWaits } from './waits.js';

/** Entries between two snapshots. */
const SNAPSHOT_ENTRIES = 2_000;
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

export function createShard(deps: ShardDeps, options: ShardOptions): Shard {
  const { store, clock, log, intake } = deps;
  const { config, world, shard } = options;
  const idleMs = isLockStep(world) ? COMMIT_IDLE_MS_LOCK_STEP : COMMIT_IDLE_MS_EXCHANGE;
  const waits = createWaits(clock, { firstSignalMs: FIRST_SIGNAL_WAIT_MS, firstAccountMs: FIRST_ACCOUNT_WAIT_MS });

  let engine: Engine | null = null;
  let outbox: Outbox | null = null;
  let entry = 0;
  let epoch = 0;
  let batch: Batch = createBatch();
  let batchBegan = 0;
  let committedPositions: Readonly<Record<string, number>> = {};
  let storeTrouble: string | null = null;
  let storedLookedAt = -Infinity;
  let instrumentsReadAt = -Infinity;
  let snapshotAt = 0;

  const running = (): Engine => {
    if (!engine) throw new Error('a shard steps only after it has recovered');
    return engine;
  };

  /** Takes over: loads state and positions, then says so in an entry that fences the owner before. */
  const takeOver = async (signal: AbortSignal): Promise<void> => {
    const recovered = await recover(store, world, shard);
    engine = createEngine(recovered.state, options.rules);
    entry = recovered.head.entry;
    snapshotAt = entry;
    epoch = recovered.head.epoch + 1;
    committedPositions = recovered.positions;
    outbox = createOutbox(deps, {
      waiting: recovered.unpublished,
      publishedThrough: (recovered.unpublished[0]?.entry ?? entry + 1) - 1,
    });
    outbox.start();
    await intake.start(recovered.positions);
    batch = createBatch();
    await commit(signal);
  };

  const commit = async (signal: AbortSignal): Promise<void> => {
    const { state } = running();
    const positions = intake.positions();
    const next: JournalEntry = {
      shard,
      entry: entry + 1,
      epoch,
      owner: options.instance,
      worldTime: state.now,
      committedAt: clock.now(),
      positions: moved(committedPositions, positions),
      events: batch.events,
      ...running().takeChanges(),
      deadLetters: batch.deadLetters,
      notes: state.notes,
      publishedThrough: outbox?.publishedThrough() ?? entry,
    };
    const what = { entry: next, rows: batch.rows() };
    const onTrouble = (reason: string | null): void => {
      storeTrouble = reason;
    };
    if (!(await appendUntilKnown({ store, clock, log, onTrouble }, what, signal))) return;
    entry = next.entry;
    committedPositions = positions;
    batch = createBatch();
    outbox?.add(next);
    for (const event of next.events) logEvent(log, event);
    if (entry - snapshotAt >= SNAPSHOT_ENTRIES) await keepSnapshot();
  };

  const keepSnapshot = async (): Promise<void> => {
    await store.journal.saveSnapshot({ shard, entry, state: snapshotText(running().state, committedPositions) });
    snapshotAt = entry;
  };

  const step = (input: Input, origin: Taken | null): void => {
    const result = running().step(input);
    batch.add(input, result, equityPoints(running().state, input, result.events));
    if (result.conflict) log.warn({}, `not applied: ${result.conflict}`);
    if (result.invalid && origin) deadLetter(origin, result.invalid);
  };

  /** Prices are left to the predictor, which reads every one of them: a message has one dead letter. */
  const deadLetter = ({ choice, item }: Taken, reason: string): void => {
    const { topic, partition, offset } = item.record;
    if (choice === 'price') {
      log.debug({ topic, partition, offset }, `a price is not valid, passed over: ${reason}`);
      return;
    }
    log.warn({ topic, partition, offset }, `not valid, kept in crypto.dead_letter: ${reason}`);
    batch.addDeadLetter(deadLetterOf(item.record, reason, clock.now()));
  };

  const handle = (taken: Taken): void => {
    const judged = judge(taken, clock.now(), config.COMMAND_SECRET);
    if ('input' in judged) {
      step(judged.input, taken);
    } else {
      batch.addNothing();
      deadLetter(taken, judged.reason);
    }
  };

  /** Takes inputs until the batch is full, its time is over, or nothing is due; what is waited for then. */
  const takeBatch = (): Wait => {
    const began = clock.monotonicMs();
    if (batch.isEmpty()) batchBegan = began;
    while (!batch.isFull() && clock.monotonicMs() - began < COMMIT_STEPPING_MS_MAX) {
      const wait = beginWorld() ?? takeNext();
      if (wait) return wait;
    }
    return waits.none();
  };

  /** A replay's time begins with its first candle: nothing is taken before it is known. */
  const beginWorld = (): Wait | null => {
    const { state } = running();
    if (state.now !== null || feedKindOf(world) !== 'REPLAY') return null;
    const first = intake.firstPrice();
    if (!first) return { for: 'input', ms: STORED_COMMANDS_MS };
    if (first.decoded.ok && first.decoded.value.kind === 'candle') {
      step({ kind: 'begin', at: first.decoded.value.candle.time, wall: clock.now() }, null);
    } else {
      const taken = intake.take('price');
      if (taken) handle(taken);
    }
    return null;
  };

  const takeNext = (): Wait | null => {
    const { state } = running();
    const isWaiting = waits.isWaitingForPredictor(state.notes);
    const next = intake.next(state.notes, { isWaiting, onlyCommands: outbox?.isFull() ?? false });
    if ('wait' in next) {
      const wait = waits.until(next.wait, state);
      if (wait) return wait;
      step({ kind: 'noPredictor', wall: clock.now() }, null);
      log.warn({}, 'no signal of the predictor has come: going on without, and waiting no more until one does');
      return null;
    }
    if (next.take === 'price') {
      const wait = waits.forFirstAccount(state);
      if (wait) return wait;
    }
    const taken = intake.take(next.take);
    if (taken) handle(taken);
    return null;
  };

  /**
   * Commands that wait in the store because the bus was down when they were given. They need no signature: only those
   * who hold the store's keys can have put them there.
   */
  const takeStored = async (signal: AbortSignal): Promise<void> => {
    if (clock.monotonicMs() - storedLookedAt < STORED_COMMANDS_MS) return;
    storedLookedAt = clock.monotonicMs();
    const waiting = await store.app.commands.waiting(world).catch((error: unknown) => {
      log.debug({ error: String(error) }, 'cannot look for stored commands');
      return [];
    });
    for (const { command, accountIds, sentAt } of waiting) {
      if (clock.now() - sentAt < ON_ITS_WAY_MS) continue;
      for (const accountId of accountIds) {
        step({ kind: 'command', command: { ...command, accountId }, isSigned: true, wall: clock.now() }, null);
      }
      await commit(signal);
      await store.app.commands.markPublished(command.id);
      log.info({ command: command.id, action: command.action }, 'obeyed from the store, as the bus was down');
    }
  };

  /** Steps and minimum orders are known of exchanges only: elsewhere amounts have 8 decimals. */
  const readSteps = async (): Promise<void> => {
    if (isLockStep(world) || clock.monotonicMs() - instrumentsReadAt < INSTRUMENTS_MS) return;
    instrumentsReadAt = clock.monotonicMs();
    running().step({
      kind: 'instruments',
      instruments: await readInstruments(store.app.facts, world),
      wall: clock.now(),
    });
  };

  const isDue = (): boolean =>
    batch.isFull() || batch.isUrgent() || (!batch.isEmpty() && clock.monotonicMs() - batchBegan >= idleMs);

  const loop = async (signal: AbortSignal): Promise<void> => {
    while (!signal.aborted) {
      intake.assertReading();
      await readSteps();
      await takeStored(signal);
      const wait = takeBatch();
      if (isDue()) await commit(signal);
      if (wait.for === 'nothing') await clock.sleep(0, signal);
      else await intake.arrival(Math.min(wait.ms, batch.isEmpty() ? wait.ms : idleMs), signal);
    }
  };

  return {
    async run(signal) {
      await takeOver(signal);
      await loop(signal);
      if (!batch.isEmpty()) await commit(signal);
      await outbox?.stop(OUTBOX_STOP_MS);
      if (entry > snapshotAt) await keepSnapshot();
    },
    status: () => ({
      worldTime: engine?.state.now ?? null,
      accounts: engine?.state.accounts.size ?? 0,
      entry,
      trouble: storeTrouble ?? waits.trouble(),
      isHealthy: engine !== null && storeTrouble === null,
    }),
  };
}

/** Cursors whose position differs from what was committed. */
function moved(
  before: Readonly<Record<string, number>>,
  now: Readonly<Record<string, number>>,
): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(now).filter(([cursor, offset]) => before[cursor] !== offset));
}
