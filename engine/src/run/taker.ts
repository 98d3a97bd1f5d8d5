/** Takes inputs in order, lets the core step, and gathers what came of them in a batch. */
import type { Clock, Log } from '@kairos/ports';
import type { World } from '@kairos/schema';
import { COMMIT_STEPPING_MS_MAX, deadLetterOf, feedKindOf, isLockStep } from '@kairos/schema';
import type { Engine, StepResult } from '../core/engine.js';
import type { Input } from '../core/input.js';
import type { Batch } from './batch.js';
import { equityPoints } from './equity.js';
import type { Intake, Taken } from './intake.js';
import { judge } from './judge.js';
import type { Choice, Next } from './order.js';
import { isRepeated } from './order.js';
import type { Outbox } from './outbox.js';
import type { Wait, Waits } from './waits.js';

export interface TakerDeps {
  readonly engine: Engine;
  readonly intake: Intake;
  readonly outbox: Pick<Outbox, 'isFull'>;
  readonly waits: Waits;
  readonly clock: Clock;
  readonly log: Log;
}

export interface TakerOptions {
  readonly world: World;
  /** COMMAND_SECRET; null = commands need no signature. */
  readonly secret: string | null;
  /** Whether this shard answers for a partition: of all shards, one writes what is the same for each. */
  readonly answersFor: (partition: number) => boolean;
}

export interface Taker {
  /** Takes inputs until the batch is full, its time is over, or nothing is due; what is waited for then. */
  fill(batch: Batch): Wait;
  /** Closings are due: what has been taken is to be committed now, so that they can follow. */
  isClosingDue(): boolean;
  /** Lets the core take an input of our own; false when it has taken a part of it: the same again after a commit. */
  step(batch: Batch, input: Input): boolean;
}

export function createTaker(deps: TakerDeps, options: TakerOptions): Taker {
  const { engine, intake, outbox, waits, clock, log } = deps;
  const { world, secret, answersFor } = options;
  /** What the core has taken a part of: the same again, once that part has been committed. */
  let unfinished: Choice | null = null;

  const run = (batch: Batch, input: Input, writesShared: boolean): StepResult => {
    const result = engine.step(input);
    batch.add(input, { result, points: equityPoints(engine.state, input, result), writesShared });
    return result;
  };

  /** Prices are left to the predictor, which reads every one of them: a message has one dead letter. */
  const refuse = (batch: Batch, { choice, item }: Taken, reason: string): void => {
    const { topic, partition, offset } = item.record;
    if (choice === 'price') {
      log.debug({ topic, partition, offset }, `a price is not valid, passed over: ${reason}`);
      return;
    }
    log.warn({ topic, partition, offset }, `not valid, kept in crypto.dead_letter: ${reason}`);
    batch.addDeadLetter(deadLetterOf(item.record, reason, clock.now()));
  };

  /** Lets the core take what was read; false when it has taken a part of it. */
  const stepRead = (batch: Batch, input: Input, taken: Taken): boolean => {
    const isOurs = answersFor(taken.item.record.partition);
    const result = run(batch, input, isOurs);
    const isCommand = input.kind === 'command';
    if (isCommand && input.command.action === 'OPEN_ACCOUNT' && !result.command && !result.isPartial)
      waits.noteForeignAccount();
    if (isOurs && result.conflict) log.warn({}, `not applied: ${result.conflict}`);
    // Of all shards one alone refuses a command: the one that its account falls to.
    if (result.invalid && (isOurs || isCommand)) refuse(batch, taken, result.invalid);
    return !result.isPartial;
  };

  const hasBeenTaken = (input: Input): boolean =>
    isLockStep(world) && input.kind === 'price' && isRepeated(engine.state.notes, input.candle);

  const handle = (batch: Batch, choice: Choice): void => {
    const taken = intake.peek(choice);
    if (!taken) return;
    const judged = judge(taken, clock.now(), secret);
    unfinished = null;
    if ('reason' in judged) {
      batch.addNothing();
      if (answersFor(taken.item.record.partition)) refuse(batch, taken, judged.reason);
    } else if (hasBeenTaken(judged.input)) {
      batch.addNothing();
    } else if (!stepRead(batch, judged.input, taken)) {
      unfinished = choice;
      return;
    }
    intake.shift(choice);
  };

  /** A replay's time begins with its first candle: nothing else is taken before it is known. */
  const hasBegun = (): boolean => engine.state.now !== null || feedKindOf(world) !== 'REPLAY';

  const begin = (batch: Batch): Wait | null => {
    const first = intake.peek('price');
    if (first?.choice !== 'price') return waits.forInput();
    const { decoded } = first.item;
    if (decoded.ok && decoded.value.kind === 'candle') {
      run(batch, { kind: 'begin', at: decoded.value.candle.time, wall: clock.now() }, false);
    } else {
      handle(batch, 'price');
    }
    return null;
  };

  /** Commands go before the rest of what has been taken in part. */
  const nextInput = (): Next => {
    const isWaiting = waits.isWaitingForPredictor(engine.state.notes);
    const onlyCommands = outbox.isFull();
    const next = intake.next(engine.state.notes, { isWaiting, onlyCommands });
    const isCommand = 'take' in next && next.take === 'command';
    return unfinished && !isCommand && !onlyCommands ? { take: unfinished } : next;
  };

  const takeNext = (batch: Batch): Wait | null => {
    const { state } = engine;
    const next = nextInput();
    if ('wait' in next) {
      if (next.wait === 'input') return waits.forInput();
      const wait = waits.forPredictor(state);
      if (wait) return wait;
      run(batch, { kind: 'noPredictor', wall: clock.now() }, false);
      log.warn({}, 'no signal of the predictor has come: going on without, and waiting no more until one does');
      return null;
    }
    if (next.take !== 'command' && isClosingHeldUpBy(batch)) return waits.none();
    const wait = next.take === 'price' ? waits.forFirstAccount(state) : null;
    if (wait) return wait;
    handle(batch, next.take);
    return null;
  };

  const isClosingDue = (): boolean => {
    const due = engine.closingsDueAt();
    return due !== null && due <= clock.now();
  };

  /** What a panic closes follows the commit of its STOPPING: only an empty batch has nothing before it. */
  const closeDue = (batch: Batch): void => {
    if (batch.isEmpty() && isClosingDue()) run(batch, { kind: 'closings', wall: clock.now() }, true);
  };

  /** A panic waits for a commit: nothing but other commands makes that one larger, and no backlog goes before it. */
  const isClosingHeldUpBy = (batch: Batch): boolean => batch.isUrgent() && isClosingDue();

  /** Nothing is waited for longer than until the next closing is due. */
  const untilClosing = (wait: Wait): Wait => {
    const due = engine.closingsDueAt();
    if (due === null) return wait;
    const ms = due - clock.now();
    return ms > 0 ? { ...wait, ms: Math.min(wait.ms, ms) } : { for: 'nothing', ms: 0 };
  };

  return {
    isClosingDue,
    step: (batch, input) => !run(batch, input, true).isPartial,
    fill(batch) {
      const began = clock.monotonicMs();
      closeDue(batch);
      while (!batch.isFull() && clock.monotonicMs() - began < COMMIT_STEPPING_MS_MAX) {
        const wait = hasBegun() ? takeNext(batch) : begin(batch);
        if (wait) return untilClosing(wait);
      }
      return waits.none();
    },
  };
}
