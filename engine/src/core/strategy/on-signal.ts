/** What a signal does: one decision for each account that trades its symbol, and perhaps a price. */
import type { Instant, Price, Signal, SignalMark } from '@kairos/schema';
import {
  formatPrice,
  isLockStep,
  PREDICTOR_SOURCE,
  remembered,
  SIGNAL_AGE_MAX_MS,
  SIGNAL_AHEAD_MAX_MS,
  SIGNAL_MEMORY_MS,
  WALL_STAMP_TOLERANCE_MS,
  withSignalPrice,
} from '@kairos/schema';
import type { Market } from '../market.js';
import { progressOf } from '../partial.js';
import { wakeAccount } from '../position/quiet.js';
import type { Recorder } from '../recorder.js';
import type { Taken } from '../risk/offer.js';
import type { TradingRules } from '../rules.js';
import type { EngineState } from '../state.js';
import { marketOf } from '../state.js';
import { decideForAll } from './decide.js';

export interface SignalInput {
  readonly signal: Signal;
  readonly now: Instant;
  readonly wall: Instant;
}

/** What became of a signal as a whole. */
export type SignalOutcome =
  | {
      readonly kind: 'taken';
      readonly signal: Signal;
      /** Goes on where the step before stopped. */
      readonly isContinued: boolean;
      /** Accounts are left for the next step. */
      readonly isPartial: boolean;
    }
  /** The same signal again: nothing happens. */
  | { readonly kind: 'repeated' }
  /** The same id with another content: never applied. */
  | { readonly kind: 'conflict'; readonly reason: string }
  | { readonly kind: 'invalid'; readonly reason: string };

/** Takes a signal. */
export function onSignal(
  state: EngineState,
  recorder: Recorder,
  { rules, ...input }: SignalInput & { rules: TradingRules },
): SignalOutcome {
  const begun = progressOf(state, 'SIGNAL', input.signal.id);
  const signal = begun ? asBegun(state, input.signal) : withWorldTime(state, input);
  const { now } = input;
  const reason = begun ? null : whyInvalid(signal, now);
  if (reason) return { kind: 'invalid', reason };
  const mark = markOf(signal);
  const known = begun ? state.signals.get(signal.id) : knownAs(state, signal.id, now);
  if (known && known.content !== mark.content) {
    return { kind: 'conflict', reason: `signal ${signal.id} was ${known.content} and came again as ${mark.content}` };
  }
  if (known && !begun) return { kind: 'repeated' };
  if (!known) recorder.signalTaken(mark);
  const isPartial = decide(state, recorder, { signal, now, rules, isContinued: begun !== null });
  return { kind: 'taken', signal, isContinued: begun !== null, isPartial };
}

/** Ids are known for 48 h of world time, whatever has been cleared away by then: also after a restart. */
function knownAs(state: EngineState, id: string, now: Instant) {
  const known = state.signals.get(id);
  return known && now - known.time <= SIGNAL_MEMORY_MS ? known : undefined;
}

/** A signal that has been begun keeps the time that it was given then. */
function asBegun(state: EngineState, signal: Signal): Signal {
  const known = state.signals.get(signal.id);
  return known ? { ...signal, time: known.time } : signal;
}

/**
 * Decides, and lets the signal's price count, once: before the first decision where a price is known, else after the
 * last one, and as the entry price if a position was opened: told after that it is no later, and counts no more. True when
 * accounts are left for the next step.
 */
function decide(
  state: EngineState,
  recorder: Recorder,
  { isContinued, ...taken }: Taken & { readonly isContinued: boolean },
): boolean {
  const { signal } = taken;
  const isPriceKnown = marketOf(state, signal.symbol).newest !== null;
  if (isPriceKnown && !isContinued) tellPrice(state, recorder, taken);
  const { hasOpened, isPartial } =
    signal.action === 'HOLD' ? { hasOpened: false, isPartial: false } : decideForAll(state, recorder, taken);
  if (isPriceKnown) return isPartial;
  if (hasOpened) noteEntryPrice(state, recorder, signal);
  if (!isPartial) tellPrice(state, recorder, taken);
  return isPartial;
}

/** A third party's signal stamped with the wall clock is given now in worlds whose time is not the clock's. */
function withWorldTime(state: EngineState, { signal, now, wall }: SignalInput): Signal {
  if (!isLockStep(state.world) || signal.source === PREDICTOR_SOURCE) return signal;
  return Math.abs(signal.time - wall) <= WALL_STAMP_TOLERANCE_MS ? { ...signal, time: now } : signal;
}

function whyInvalid(signal: Signal, now: Instant): string | null {
  const ageMs = now - signal.time;
  if (ageMs > SIGNAL_AGE_MAX_MS) return `time: expected at most 24 h before now, found ${ageMs} ms`;
  if (-ageMs > SIGNAL_AHEAD_MAX_MS) {
    return `time: expected at most ${SIGNAL_AHEAD_MAX_MS} ms ahead of now, found ${-ageMs} ms`;
  }
  return null;
}

/** Every shard of a process remembers the same: it is made of a signal once. */
const markOf = remembered(({ id, time, action, symbol, price, confidence }: Signal): SignalMark => ({
  id,
  time,
  content: `${action} ${symbol} at ${formatPrice(price)} with confidence ${confidence}`,
}));

/** Lets the signal's price count where it may. */
function tellPrice(state: EngineState, recorder: Recorder, { signal, now, rules }: Taken): void {
  const market = marketOf(state, signal.symbol);
  const told = withSignalPrice(market, { price: signal.price, at: signal.time }, now, rules.priceBand).newest;
  if (told === market.newest || told === null) return;
  market.newest = { ...told };
  recorder.priceChanged(market);
  wakeHolders(state, market, signal.price);
}

/** Their equity is not looked at now, but with the next market price of anything that they hold. */
function wakeHolders(state: EngineState, market: Market, price: Price): void {
  if (price > market.quietLow && price < market.quietHigh) return;
  for (const { account, low, high } of market.holders.values()) {
    if (price <= low || price >= high) wakeAccount(state, account);
  }
}

/** The signal that opens a position before any price is known: its price is the entry price, not a newer one. */
function noteEntryPrice(state: EngineState, recorder: Recorder, signal: Signal): void {
  const market = marketOf(state, signal.symbol);
  if (market.entry !== null) return;
  market.entry = { price: signal.price, at: signal.time };
  recorder.priceChanged(market);
}
