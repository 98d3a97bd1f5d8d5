/** Takes inputs in order, lets the core step, and gathers what came of them in a batch. */
import type { Clock, Log } from '@kairos/ports';
import type { World } from '@kairos/schema';
import { COMMIT_STEPPING_MS_MAX, deadLetterOf, feedKindOf } from '@kairos/schema';
import type { Engine } from '../core/engine.js';
import type { Input } from '../core/input.js';
import type { Batch } from './batch.js';
import { equityPoints } from './equity.js';
import type { Intake, Taken } from './intake.js';
import { judge } from './judge.js';
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
}

export interface Taker {
  /** Takes inputs until the batch is full, its time is over, or nothing is due; what is waited for then. */
  fill(batch: Batch): Wait;
  /** Lets the core take an input of our own. */
  step(batch: Batch, input: Input): void;
}

export function createTaker(deps: TakerDeps, { world, secret }: TakerOptions): Taker {
  const { engine, intake, outbox, waits, clock, log } = deps;

  const step = (batch: Batch, input: Input, origin: Taken | null = null): void => {
    const result = engine.step(input);
    batch.add(input, result, equityPoints(engine.state, input, result.events));
    if (result.conflict) log.warn({}, `not applied: ${result.conflict}`);
    if (result.invalid && origin) refuse(batch, origin, result.invalid);
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

  const handle = (batch: Batch, taken: Taken | null): void => {
    if (!taken) return;
    const judged = judge(taken, clock.now(), secret);
    if ('input' in judged) {
      step(batch, judged.input, taken);
    } else {
      batch.addNothing();
      refuse(batch, taken, judged.reason);
    }
  };

  /** A replay's time begins with its first candle: nothing else is taken before it is known. */
  const hasBegun = (): boolean => engine.state.now !== null || feedKindOf(world) !== 'REPLAY';

  const begin = (batch: Batch): Wait | null => {
    const first = intake.firstPrice();
    if (!first) return waits.forInput();
    if (first.decoded.ok && first.decoded.value.kind === 'candle') {
      step(batch, { kind: 'begin', at: first.decoded.value.candle.time, wall: clock.now() });
    } else {
      handle(batch, intake.take('price'));
    }
    return null;
  };

  const takeNext = (batch: Batch): Wait | null => {
    const { state } = engine;
    const isWaiting = waits.isWaitingForPredictor(state.notes);
    const next = intake.next(state.notes, { isWaiting, onlyCommands: outbox.isFull() });
    if ('wait' in next) {
      if (next.wait === 'input') return waits.forInput();
      const wait = waits.forPredictor(state);
      if (wait) return wait;
      step(batch, { kind: 'noPredictor', wall: clock.now() });
      log.warn({}, 'no signal of the predictor has come: going on without, and waiting no more until one does');
      return null;
    }
    const wait = next.take === 'price' ? waits.forFirstAccount(state) : null;
    if (wait) return wait;
    handle(batch, intake.take(next.take));
    return null;
  };

  return {
    step,
    fill(batch) {
      const began = clock.monotonicMs();
      while (!batch.isFull() && clock.monotonicMs() - began < COMMIT_STEPPING_MS_MAX) {
        const wait = hasBegun() ? takeNext(batch) : begin(batch);
        if (wait) return wait;
      }
      return waits.none();
    },
  };
}
