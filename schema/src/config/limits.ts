/** Every limit that more than one room shares. Limits of one room stand beside the code that keeps them. */

/** Candles per symbol that a feed of a REPLAY or SIMULATOR world may be ahead of the trader's committed world time. */
export const FEED_AHEAD_CANDLES_MAX = 1_000;
/** Closed candles per symbol that the predictor only trains on in REPLAY and SIMULATOR worlds. */
export const TRAINING_CANDLES = 2_000;
/** How long the trader waits once for the predictor's first signal in a REPLAY or SIMULATOR world. */
export const FIRST_SIGNAL_WAIT_MS = 30_000;
/** How long a fresh REPLAY or SIMULATOR world waits for its first account before it takes the first price. */
export const FIRST_ACCOUNT_WAIT_MS = 60_000;
/** A signal older than this, in world time, is not valid. */
export const SIGNAL_AGE_MAX_MS = 24 * 3_600_000;
/** A signal further ahead of now than this is not valid. */
export const SIGNAL_AHEAD_MAX_MS = 5_000;
/** A third party's signal stamped this close to the wall clock is given now in REPLAY and SIMULATOR worlds. */
export const WALL_STAMP_TOLERANCE_MS = 60_000;
/** Signal ids are remembered for this long, in world time. */
export const SIGNAL_MEMORY_MS = 48 * 3_600_000;

/** A journal entry ends at the first of these. */
export const COMMIT_INPUTS_MAX = 500;
export const COMMIT_STEPPING_MS_MAX = 20;
export const COMMIT_BYTES_MAX = 1024 * 1024;
/** No journal entry is larger: what a commit may come to beyond where it ends is within it. */
export const ENTRY_BYTES_MAX = 6 * 1024 * 1024;
/** An input that concerns more accounts stops before the next one once a step has come to this many events. */
export const STEP_EVENTS_MAX = 256;
/** So does one that changes marks of accounts (a price, a new day) once these come to this many bytes: some 1,000 accounts. */
export const STEP_MARK_BYTES_MAX = 1024 * 1024;
/** While inputs arrive, an entry is appended at least this often even without events. */
export const COMMIT_IDLE_MS_EXCHANGE = 5_000;
export const COMMIT_IDLE_MS_LOCK_STEP = 500;

/** An order that closes a position and was refused is tried again after this long, doubling up to the longest. */
export const CLOSE_RETRY_MS_MIN = 500;
export const CLOSE_RETRY_MS_MAX = 30_000;

/** Page sizes of the API. */
export const PAGE_SIZE_MAX = 100;
export const CANDLES_MAX = 1_500;
export const POINTS_MIN = 2;
export const POINTS_MAX = 2_000;
/** Rows that a totalCount counts at the most. */
export const TOTAL_COUNT_MAX = 10_000;
/** Events that a subscription catches up with before it says CONFLICT. */
export const CATCH_UP_EVENTS_MAX = 1_000;
