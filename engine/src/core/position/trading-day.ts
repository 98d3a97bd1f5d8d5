import type { Instant, Money } from '@kairos/schema';
import { addMs, startOfDay } from '@kairos/schema';
import type { AccountState, EngineState } from '../state.js';
import { equityOf } from './valuation.js';

/** The day that a price belongs to: one that is true at 00:00 exactly still closes the day before. */
export const dayOfPrice = (at: Instant): Instant => startOfDay(addMs(at, -1));

/** Begins a new day for every account whose day is over; `onChange` is told each. */
export function rollDay(state: EngineState, day: Instant, onChange: (account: AccountState) => void): void {
  for (const account of state.accounts.values()) {
    if (day <= account.dayStart) continue;
    account.dayStart = day;
    account.dayOpeningEquity = equityOf(state, account);
    account.dayRealizedPnl = 0n as Money;
    onChange(account);
  }
}
