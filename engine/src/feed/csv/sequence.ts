/**
 * Rows in the order of a file to candles in the order of time.
 *
 * A row off the interval's grid, a second one of a time, and one that goes back in time are left out. One that is far
 * ahead of the rows around it is left out too, lest everything after it should count as going back: such a row waits
 * for the next one before it is believed. Gaps are kept and noted, spikes are kept and warned about.
 */
import type { Interval } from '@kairos/schema';
import { DAY_MS, formatInstant, formatPrice, INTERVAL_MS } from '@kairos/schema';
import type { DefectListener } from './defects.js';
import { defectAt } from './defects.js';
import type { Row } from './row.js';

/** A row this many intervals or more after the one before must be confirmed by the row after it. */
export const JUMP_INTERVALS = 100;
/** A last row that is further ahead than this has nothing to confirm it and is left out. */
export const LAST_JUMP_MS_MAX = 366 * DAY_MS;
/** A close this many times above or below the one before is warned about. */
export const SPIKE_FACTOR = 5n;

export interface SequenceOptions {
  readonly interval: Interval;
  readonly listener: DefectListener;
  /** Takes each good row, in order of time. */
  readonly accept: (row: Row) => void;
}

/** `end` decides about a row that still waits. */
export function createSequence(options: SequenceOptions): { push(row: Row): void; end(): void } {
  const { listener, accept } = options;
  const intervalMs = INTERVAL_MS[options.interval];
  const jumpMs = JUMP_INTERVALS * intervalMs;
  const noteSpike = createSpikeWatch(listener);
  let last: Row | null = null;
  let waiting: Row | null = null;

  const refuse = (row: Row, kind: 'OFF_GRID' | 'DUPLICATE' | 'OUT_OF_ORDER' | 'FAR_AHEAD', expected: string) =>
    listener.defect(defectAt(row.line, kind, { expected, found: formatInstant(row.time) }));

  const take = (row: Row) => {
    const missing = last ? (row.time - last.time) / intervalMs - 1 : 0;
    if (missing > 0) listener.note(gapNote(row, missing));
    noteSpike(row);
    last = row;
    accept(row);
  };

  const settleWaiting = (next: Row) => {
    if (!waiting) return;
    const row = waiting;
    waiting = null;
    const isBehindNext = next.time > row.time - jumpMs;
    if (isBehindNext || (last && next.time <= last.time)) take(row);
    else refuse(row, 'FAR_AHEAD', `a time near the next row's, ${formatInstant(next.time)}`);
  };

  return {
    push(row) {
      if (row.time % intervalMs !== 0) return refuse(row, 'OFF_GRID', `an open time of a ${options.interval} candle`);
      settleWaiting(row);
      if (last && row.time === last.time) return refuse(row, 'DUPLICATE', `a time after that of line ${last.line}`);
      if (last && row.time < last.time) return refuse(row, 'OUT_OF_ORDER', `a time after that of line ${last.line}`);
      if (!last || row.time - last.time >= jumpMs) waiting = row;
      else take(row);
    },
    end() {
      if (!waiting) return;
      const isTooFar = last !== null && waiting.time - last.time > LAST_JUMP_MS_MAX;
      if (isTooFar) refuse(waiting, 'FAR_AHEAD', 'a time near that of the row before');
      else take(waiting);
      waiting = null;
    },
  };
}

const gapNote = (row: Row, missing: number) => ({
  line: row.line,
  kind: 'GAP' as const,
  text: `${missing} missing before ${formatInstant(row.time)}`,
  missing,
});

/** Warns of a lonely spike once; two in a row are a new level. */
function createSpikeWatch(listener: DefectListener): (row: Row) => void {
  let level: bigint | null = null;
  let hasSpiked = false;
  return (row) => {
    const isSpike = level !== null && (row.close > level * SPIKE_FACTOR || row.close * SPIKE_FACTOR < level);
    if (isSpike && !hasSpiked) {
      hasSpiked = true;
      const text = `close ${formatPrice(row.close)} is more than ${SPIKE_FACTOR} times off the one before; kept`;
      listener.note({ line: row.line, kind: 'SPIKE', text, missing: 0 });
      return;
    }
    hasSpiked = false;
    level = row.close;
  };
}
