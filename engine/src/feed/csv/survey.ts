/** What must be known of a candle file before its first candle is published. Reads its beginning only. */
import type { Interval } from '@kairos/schema';
import { formatPrice, INTERVAL_MS, INTERVALS, TRAINING_CANDLES } from '@kairos/schema';
import type { DefectListener } from './defects.js';
import { defectText } from './defects.js';
import { CandleFileError } from '../errors.js';
import { readCandles, readRows } from './reader.js';
import type { Row } from './row.js';

/** Rows that the interval is judged by. */
export const SURVEY_ROWS_MAX = 5_000;
/** A file shorter than the training gives this part of itself to it. */
const SHORT_FILE_TRAINING_PART = 5;
/** Bad lines that the message about a file without a good row repeats. */
const EXAMPLES_MAX = 3;

export interface FileSurvey {
  readonly path: string;
  readonly symbol: string;
  readonly interval: Interval;
  /** How many of the first good candles are for training only. */
  readonly trainingCandles: number;
  /** Most decimals of a price among those looked at. */
  readonly priceDecimals: number;
}

/**
 * Looks a file over. `fallback` is the interval of a file with a single row.
 *
 * @throws CandleFileError when nothing in it is good, or its interval is none of the contract's.
 */
export async function surveyFile(path: string, symbol: string, fallback: Interval): Promise<FileSurvey> {
  const interval = await surveyInterval(path, fallback);
  let count = 0;
  let priceDecimals = 0;
  const examples: string[] = [];
  for await (const candles of readCandles({ path, symbol, interval }, exampleListener(examples))) {
    for (const candle of candles) {
      for (const price of [candle.open, candle.high, candle.low, candle.close]) {
        priceDecimals = Math.max(priceDecimals, formatPrice(price).split('.')[1]?.length ?? 0);
      }
    }
    count += candles.length;
    if (count >= TRAINING_CANDLES) break;
  }
  if (count === 0) throw noGoodRow(path, examples);
  const trainingCandles = count < TRAINING_CANDLES ? Math.floor(count / SHORT_FILE_TRAINING_PART) : TRAINING_CANDLES;
  return { path, symbol, interval, trainingCandles, priceDecimals };
}

async function surveyInterval(path: string, fallback: Interval): Promise<Interval> {
  const steps = new Map<number, number>();
  const examples: string[] = [];
  let last: number | null = null;
  let count = 0;
  const take = ({ time }: Row) => {
    if (last !== null && time > last) steps.set(time - last, (steps.get(time - last) ?? 0) + 1);
    last = time;
    count++;
  };
  const stretches = readRows(path, { listener: exampleListener(examples), take });
  while (count < SURVEY_ROWS_MAX && !(await stretches.next()).done);
  await stretches.return(undefined);
  if (count === 0) throw noGoodRow(path, examples);
  const [commonest] = [...steps].sort(([stepA, a], [stepB, b]) => b - a || stepA - stepB);
  if (!commonest) return fallback;
  const interval = INTERVALS.find((candidate) => INTERVAL_MS[candidate] === commonest[0]);
  if (interval) return interval;
  const found = `${commonest[0] / 1_000} s as the most common step`;
  throw new CandleFileError(path, `expected candles of ${INTERVALS.join(' ')}, found ${found}; resample the file`);
}

function noGoodRow(path: string, examples: readonly string[]): CandleFileError {
  const found = examples.length === 0 ? 'nothing but the header' : `none:\n  ${examples.join('\n  ')}`;
  return new CandleFileError(path, `expected at least one good row, found ${found}`);
}

const exampleListener = (examples: string[]): DefectListener => ({
  defect(defect) {
    if (examples.length < EXAMPLES_MAX) examples.push(`line ${defect.line}: ${defectText(defect)}`);
  },
  note: () => undefined,
});
