/** Limits of the buses that this house keeps itself (local and memory). */
import type { Topic } from '@kairos/schema';
import { DAY_MS, HOUR_MS } from '@kairos/schema';

/** A waiting reader looks for what other processes appended at most this often. */
export const LOOK_INTERVAL_MS = 20;
/** A member of a group says this often, inside `poll`, that it is there. */
export const HEARTBEAT_INTERVAL_MS = 1_000;
/** A member not heard of for this long loses its partitions. */
export const SESSION_TIMEOUT_MS = 10_000;
export const GROUP_MEMBERS_MAX = 64;
/** All records of one publish call together. */
export const PUBLISH_BYTES_MAX = 64 * 1024 * 1024;
/** A poll ends early once it has this much. */
export const POLL_BYTES_MAX = 16 * 1024 * 1024;

/** How much of a partition is kept: what is beyond either goes, oldest first; the newest record always stays. */
export interface Retention {
  readonly recordsMax: number;
  readonly ageMsMax: number;
}

export type RetentionByTopic = Readonly<Record<Topic, Retention>>;

/** Prices are many and soon old; what was ordered and done is kept for long; health only matters now. */
export const RETENTION: RetentionByTopic = {
  'crypto.market_data': { recordsMax: 500_000, ageMsMax: 7 * DAY_MS },
  'crypto.ml_signals': { recordsMax: 1_000_000, ageMsMax: 30 * DAY_MS },
  'crypto.commands': { recordsMax: 1_000_000, ageMsMax: 365 * DAY_MS },
  'crypto.trades': { recordsMax: 1_000_000, ageMsMax: 365 * DAY_MS },
  'crypto.dead_letter': { recordsMax: 100_000, ageMsMax: 90 * DAY_MS },
  'crypto.health': { recordsMax: 1_000, ageMsMax: HOUR_MS },
};

/** An append removes at most this many records that are too many or too old, or twice what it added. */
export const TRIM_RECORDS_MIN = 256;
export const trimStep = (appended: number): number => Math.max(TRIM_RECORDS_MIN, 2 * appended);
