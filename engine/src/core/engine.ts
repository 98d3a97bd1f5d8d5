/**
 * The trading core: one input in, events out. Synchronous and pure: it takes nothing from the ambient world, so the
 * same inputs give the same events. Paper, replay and simulation differ only in who feeds it.
 */
import type {
  AccountMark,
  Command,
  CommandStep,
  Instant,
  PriceBook,
  Signal,
  SignalMark,
  TradingEvent,
} from '@kairos/schema';
import { assert, DAY_MS, isLockStep, PREDICTOR_SOURCE, startOfDay } from '@kairos/schema';
import { onCommand } from './command/on-command.js';
import { forgetSignals, markOf } from './evolve.js';
import type { Input, InputOf } from './input.js';
import { closeDue, closingsDueAt } from './order/closings.js';
import { dayOfPrice, rollDay } from './position/trading-day.js';
import { bookCopy } from './market.js';
import { createRecorder } from './recorder.js';
import type { TradingRules } from './rules.js';
import type { EngineState } from './state.js';
import { onPrice, priceHolders } from './strategy/on-price.js';
import { onSignal } from './strategy/on-signal.js';

/** What came of one input. */
export interface StepResult {
  readonly events: readonly TradingEvent[];
  /** Why the message goes to the dead letter; null when it does not. */
  readonly invalid: string | null;
  /** A signal id that came again with another content; null when none did. */
  readonly conflict: string | null;
  /** The signal as it was taken (a third party's may have been given another time); null when none was, or was before. */
  readonly signal: Signal | null;
  /** Accounts that a command concerned, and the step of one that could concern none. */
  readonly command: {
    readonly command: Command;
    readonly accountIds: readonly string[];
    readonly step: CommandStep | null;
  } | null;
  /**
   * The input concerns more accounts than one step takes: step the same input again once this was committed, and count
   * its position as taken only when it is no longer partial. After a crash it goes on where it was.
   */
  readonly isPartial: boolean;
}

/** What an entry of the journal says beside its events. */
export interface StateChanges {
  readonly prices: readonly PriceBook[];
  readonly marks: readonly AccountMark[];
  readonly signals: readonly SignalMark[];
}

export interface Engine {
  readonly state: EngineState;
  step(input: Input): StepResult;
  /**
   * When positions are to be closed by the wall clock because of a panic, or because closing one was refused; null =
   * none. Once that time has come, and everything stepped so far has been committed, step `closings`: so STOPPING is
   * durable before the first position is closed. It is 0 at once.
   */
  closingsDueAt(): Instant | null;
  /** Changes since the last call. */
  takeChanges(): StateChanges;
  /** How many bytes the changes take in an entry of the journal: rather more. */
  readonly changedBytes: () => number;
}

/** The answer when nothing happened. */
const NOTHING: StepResult = {
  events: [],
  invalid: null,
  conflict: null,
  signal: null,
  command: null,
  isPartial: false,
};

/** An engine that goes on from a state; it owns the state from now on. */
export function createEngine(state: EngineState, rules: TradingRules): Engine {
  const recorder = createRecorder(state, rules.stepEventsMax);
  const hasOwnTime = isLockStep(state.world);

  /** World time before the input: the clock's, or the highest `at` taken (the clock's before the first). */
  const worldTime = (wall: Instant): Instant => (hasOwnTime ? (state.now ?? wall) : wall);

  /** Prices up to this belong to the day that has begun. */
  let dayEnd = -Infinity;

  /** Begins a day before anything is taken in it; false when accounts are left for the next step. */
  const isRolledTo = (day: Instant): boolean => {
    if (state.day !== null && day <= state.day) return true;
    if (rollDay(state, recorder, day)) return false;
    state.day = day;
    dayEnd = day + DAY_MS;
    return true;
  };

  const answer = (rest?: Partial<StepResult>): StepResult => {
    const events = recorder.takeEvents();
    if (events) return { ...NOTHING, ...rest, events };
    return rest ? { ...NOTHING, ...rest } : NOTHING;
  };

  const stepPrice = ({ candle, wall }: InputOf<'price'>): StepResult => {
    const beginsDay = !(candle.at <= dayEnd);
    if (beginsDay && !isRolledTo(dayOfPrice(candle.at))) return answer({ isPartial: true });
    if (!hasOwnTime) state.clock[0] = wall;
    else if (!(candle.at <= state.clock[0]!)) state.clock[0] = candle.at;
    const market = onPrice(state, recorder, candle);
    if (market) {
      const isPartial = priceHolders(state, recorder, { market, taken: { candle, now: worldTime(wall), wall, rules } });
      if (isPartial) return answer({ isPartial });
    }
    if (hasOwnTime) state.liveNotes.candleTaken(candle);
    return market || beginsDay ? answer() : NOTHING;
  };

  const stepSignal = ({ signal, wall }: InputOf<'signal'>): StepResult => {
    const now = worldTime(wall);
    if (!hasOwnTime) state.now = now;
    if (!isRolledTo(startOfDay(now))) return answer({ isPartial: true });
    const outcome = onSignal(state, recorder, { signal, now, wall, rules });
    const isPartial = outcome.kind === 'taken' && outcome.isPartial;
    if (hasOwnTime && signal.source === PREDICTOR_SOURCE && !isPartial) state.liveNotes.signalTaken(signal);
    forgetSignals(state);
    if (outcome.kind === 'invalid') return answer({ invalid: outcome.reason });
    if (outcome.kind === 'conflict') return answer({ conflict: outcome.reason });
    if (outcome.kind === 'repeated') return answer();
    return answer({ isPartial, signal: outcome.isContinued ? null : outcome.signal });
  };

  const stepCommand = ({ command, wall, isSigned }: InputOf<'command'>): StepResult => {
    const now = worldTime(wall);
    if (!hasOwnTime) state.now = now;
    if (!isRolledTo(startOfDay(now))) return answer({ isPartial: true });
    const outcome = onCommand(state, recorder, { command, isSigned, now, wall, rules });
    if (!outcome) return answer();
    // An account was opened whose day is still to begin.
    if (state.day === null) dayEnd = -Infinity;
    const { accountIds, refusal, isPartial } = outcome;
    return answer({
      invalid: refusal?.reason ?? null,
      command: { command, accountIds, step: refusal?.step ?? null },
      isPartial,
    });
  };

  const stepClosings = ({ wall }: InputOf<'closings'>): StepResult => {
    const now = worldTime(wall);
    if (!hasOwnTime) state.now = now;
    if (!isRolledTo(startOfDay(now))) return answer({ isPartial: true });
    closeDue({ state, recorder, rules, now, wall });
    return answer();
  };

  return {
    state,
    step(input) {
      switch (input.kind) {
        case 'price':
          return stepPrice(input);
        case 'signal':
          return stepSignal(input);
        case 'command':
          return stepCommand(input);
        case 'closings':
          return stepClosings(input);
        case 'ended':
          state.notes = { ...state.notes, feedEndedAt: input.at };
          return NOTHING;
        case 'noPredictor':
          state.notes = { ...state.notes, firstSignalWaitEndedAt: worldTime(input.wall) };
          return NOTHING;
        case 'begin':
          assert(state.now === null, 'a world begins once');
          state.now = input.at;
          return NOTHING;
        case 'instruments':
          for (const instrument of input.instruments) state.instruments.set(instrument.symbol, instrument);
          return NOTHING;
      }
    },
    changedBytes: recorder.changedBytes,
    closingsDueAt: () => closingsDueAt(state),
    takeChanges() {
      const { markets, marks, signals } = recorder.takeChanges();
      return {
        prices: markets.map(bookCopy),
        marks: marks.map(markOf),
        signals,
      };
    },
  };
}
