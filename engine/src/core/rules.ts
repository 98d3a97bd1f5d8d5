import type { Rate, AccountSettings } from '@kairos/schema';
import type { FillModel } from './matching/fill-model.js';

/** Rules of the house, the same for every account of a process. */
export interface TradingRules {
  /** A BUY signal older than this is denied as STALE. */
  readonly signalAgeMaxMs: number;
  /** How far, as a fraction, a signal's price may be from a fresh market price. */
  readonly priceBand: Rate;
  /** Commands older than this by the wall clock are refused. */
  readonly commandAgeMaxMs: number;
  /** True: commands other than STOP_BOT must be signed. */
  readonly requiresSignature: boolean;
  /** Whether an account, existing or not, falls to this engine: others answer for the rest. */
  readonly ownsAccount: (accountId: string) => boolean;
  /** How orders are taken and filled; left out = every one, whole and at once. Not reachable from the configuration. */
  readonly fillModel?: FillModel;
  /** Events after which no further account belongs into a step; left out = STEP_EVENTS_MAX. Not reachable from the configuration. */
  readonly stepEventsMax?: number;
  /** Settings of a new account where its opening names no others. */
  readonly defaultSettings: AccountSettings;
}
