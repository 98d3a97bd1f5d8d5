/** The topics of the bus. */
export const TOPICS = {
  marketData: 'crypto.market_data',
  signals: 'crypto.ml_signals',
  commands: 'crypto.commands',
  trades: 'crypto.trades',
  deadLetter: 'crypto.dead_letter',
  health: 'crypto.health',
} as const;

export type Topic = (typeof TOPICS)[keyof typeof TOPICS];

/** Topics that have one partition whatever KAFKA_PARTITIONS says. */
export const SINGLE_PARTITION_TOPICS: readonly Topic[] = [TOPICS.deadLetter, TOPICS.health];

/** The partition of prices and of the predictor's signals in REPLAY and SIMULATOR worlds. */
export const LOCK_STEP_PARTITION = 0;
