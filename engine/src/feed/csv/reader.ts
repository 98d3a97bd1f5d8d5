/**
 * Candle files, read strictly: every bad line is told to the listener and left out, what is good is kept.
 *
 * A file that cannot serve at all (no header, not one good row, no interval of the contract) is a `CandleFileError`.
 */
import type { Candle, Interval } from '@kairos/schema';
import { describe } from '@kairos/schema';
import { CandleFileError } from '../errors.js';
import type { DefectListener } from './defects.js';
import { defectAt } from './defects.js';
import type { Line } from './lines.js';
import { readLines } from './lines.js';
import type { Row } from './row.js';
import { HEADER, isHeader, parseRow } from './row.js';
import { createSequence } from './sequence.js';

export interface CandleFile {
  readonly path: string;
  readonly symbol: string;
  readonly interval: Interval;
}

/** The good candles of a file in order of time, in batches. @throws CandleFileError */
export async function* readCandles(file: CandleFile, listener: DefectListener): AsyncGenerator<readonly Candle[]> {
  let batch: Candle[] = [];
  const { symbol, interval } = file;
  const sequence = createSequence({
    interval,
    listener,
    accept: ({ time, open, high, low, close, volume }) =>
      batch.push({ symbol, interval, time, open, high, low, close, volume, closed: true }),
  });
  const stretches = readRows(file.path, { listener, take: sequence.push });
  try {
    while (!(await stretches.next()).done) {
      if (batch.length > 0) yield batch;
      batch = [];
    }
  } finally {
    await stretches.return(undefined);
  }
  sequence.end();
  if (batch.length > 0) yield batch;
}

interface RowTaker {
  readonly listener: DefectListener;
  readonly take: (row: Row) => void;
}

/**
 * Gives the rows that make sense by themselves, as they stand, and pauses after each stretch of the file.
 *
 * @throws CandleFileError
 */
export async function* readRows(path: string, taker: RowTaker): AsyncGenerator<void> {
  const { listener } = taker;
  const header = createHeaderGate(path, listener);
  for await (const batch of readBatches(path)) {
    for (const line of batch.lines) {
      if (header.isPassed()) readRow(line, taker);
      else header.take(line);
    }
    if (batch.failure !== null) {
      const at = batch.lines.at(-1)?.number ?? 0;
      listener.defect(defectAt(at, 'BROKEN_ARCHIVE', { expected: 'a whole archive', found: batch.failure }));
    }
    yield;
  }
  if (!header.isPassed()) throw new CandleFileError(path, `expected the header ${HEADER}, found an empty file`);
}

async function* readBatches(path: string): ReturnType<typeof readLines> {
  try {
    yield* readLines(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (code === '') throw error;
    throw new CandleFileError(path, `expected a readable CSV or CSV.gz file (${code}); check FEED`, error);
  }
}

function readRow(line: Line, { listener, take }: RowTaker): void {
  const result = parseRow(line);
  if (!result.ok) return listener.defect(result.defect);
  take(result.row);
  if (line.hasEnd) return;
  const text = 'the last line has no end: it is kept, but the file may have been cut';
  listener.note({ line: line.number, kind: 'NO_LINE_END', text, missing: 0 });
}

/** Lets nothing through before the header; blank lines and comments above it are defects of their own. */
function createHeaderGate(path: string, listener: DefectListener) {
  let isPassed = false;
  return {
    isPassed: () => isPassed,
    take(line: Line): void {
      if (isHeader(line.text)) {
        isPassed = true;
        return;
      }
      const result = parseRow(line);
      const isSkipped = !result.ok && ['BLANK_LINE', 'COMMENT'].includes(result.defect.kind);
      if (!isSkipped) {
        const found = `${describe(line.text)} in line ${line.number}`;
        throw new CandleFileError(path, `expected the header ${HEADER}, found ${found}; add it as the first line`);
      }
      listener.defect(result.defect);
    },
  };
}
