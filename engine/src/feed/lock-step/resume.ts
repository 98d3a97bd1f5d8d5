/** Where a lock-step feed goes on: after the last candle that it has put on the bus. */
import type { Bus } from '@kairos/ports';
import type { Instant } from '@kairos/schema';
import { closeTimeOf, FEED_AHEAD_CANDLES_MAX, LOCK_STEP_PARTITION } from '@kairos/schema';
import { readBackwards } from '../tail.js';
import type { Position } from './source.js';

export interface Resumption {
  /** The last candle on the bus; null = nothing was published yet. */
  readonly position: Position | null;
  /** Candles on the bus that the trader has not committed, oldest first. */
  readonly uncommitted: readonly Position[];
  /** World time at which the end was said; null = not yet. */
  readonly endedAt: Instant | null;
}

/** Records looked at: room for every candle that may be ahead, and for others' records among them. */
const RECORDS_PER_CANDLE_MAX = 4;

export interface ResumeOptions {
  /** `source` of the feed's own candles: others' are passed over. */
  readonly source: string;
  readonly symbols: number;
  /** World time that the trader has committed. */
  readonly committed: Instant | null;
}

/**
 * Looks at the end of the partition. A bus that retention has emptied, or that lost its records, is taken to have been
 * read up to the trader's committed world time.
 *
 * @throws PortError
 */
export async function findResumption(bus: Bus, options: ResumeOptions): Promise<Resumption> {
  const uncommitted: Position[] = [];
  let position: Position | null = null;
  let endedAt: Instant | null = null;
  const recordsMax = (FEED_AHEAD_CANDLES_MAX + 1) * options.symbols * RECORDS_PER_CANDLE_MAX;
  await readBackwards(bus, { partition: LOCK_STEP_PARTITION, recordsMax }, (message) => {
    if (message.kind === 'ended') {
      if (position === null) endedAt = message.at;
      return true;
    }
    if (message.candle.source !== options.source) return true;
    const found = { closeTime: closeTimeOf(message.candle), symbol: message.candle.symbol };
    position ??= found;
    if (options.committed !== null && found.closeTime <= options.committed) return false;
    uncommitted.push(found);
    return true;
  });
  return { position: position ?? committedPosition(options.committed), uncommitted: uncommitted.reverse(), endedAt };
}

/** After every symbol of the committed time: symbols have no character beyond Z. */
const committedPosition = (committed: Instant | null): Position | null =>
  committed === null ? null : { closeTime: committed, symbol: '~' };
