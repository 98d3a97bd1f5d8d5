/** How much of what can be fetched again, or only draws charts, the embedded store keeps. The journal keeps everything. */
export interface Retention {
  /** Candles per symbol and interval. */
  readonly candlesMax: number;
  /** Signals; beyond it the oldest without a decision go. */
  readonly signalsMax: number;
  /** Equity points per account. Thinned with age there are 20,000 after three years and 4 more a day: only a flood reaches it. */
  readonly equityPointsMax: number;
}

export const RETENTION: Retention = { candlesMax: 200_000, signalsMax: 500_000, equityPointsMax: 200_000 };

/** Rows that one append removes at most from a series beyond its limit: more than one append can add. */
export const TRIM_ROWS_MAX = 1_000;

/** Audit entries and published commands that are kept. */
export const AUDIT_ENTRIES_MAX = 100_000;
export const SENT_COMMANDS_MAX = 100_000;

/** Snapshots per shard: the newest, and the one before it in case the newest cannot be read. */
export const SNAPSHOTS_KEPT = 2;
