import type { Instant, Money } from '@kairos/schema';
import { addMs, startOfDay } from '@kairos/schema';
import type { Recorder } from '../recorder.js';
import type { EngineState } from '../state.js';
import { equityOf } from './valuation.js';

/** The day that a price belongs to: one that is true at 00:00 exactly still closes the day before. */
export const dayOfPrice = (at: Instant): Instant => startOfDay(addMs(at, -1));

/**
 * Begins a new day for every account whose day is over. True when accounts are left for the next step: the same day
 * again finds those that are done as it left them.
 */
export function rollDay(state: EngineState, recorder: Recorder, day: Instant): boolean {
  for (const account of state.accounts.values()) {
    if (day <= account.dayStart) continue;
    if (recorder.isFull()) return true;
    account.dayStart = day;
    account.dayOpeningEquity = equityOf(state, account);
    account.dayRealizedPnl = 0n as Money;
    recorder.markChanged(account);
  }
  return false;
}
