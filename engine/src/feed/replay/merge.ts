/** Several files' candles, each in order of time, as one order of (close time, symbol). All have one interval. */
import type { Candle } from '@kairos/schema';
import type { CandleGroup } from '../lock-step/source.js';
import { compareSymbols, makeGroup } from '../lock-step/source.js';

/** One symbol's candles, and how many of the first are for training only. */
export interface CandleStream {
  readonly symbol: string;
  readonly trainingCandles: number;
  readonly batches: AsyncGenerator<readonly Candle[]>;
}

/** Groups per batch. */
const BATCH_GROUPS_MAX = 1_000;

/** Where one symbol's stream stands. */
interface Cursor {
  readonly stream: CandleStream;
  batch: readonly Candle[];
  index: number;
  taken: number;
  hasEnded: boolean;
}

export async function* mergeCandles(
  streams: readonly CandleStream[],
  source: string,
): AsyncGenerator<readonly CandleGroup[]> {
  const cursors = streams
    .map((stream): Cursor => ({ stream, batch: [], index: 0, taken: 0, hasEnded: false }))
    .sort((a, b) => compareSymbols(a.stream.symbol, b.stream.symbol));
  let groups: CandleGroup[] = [];
  try {
    for (;;) {
      for (const cursor of cursors) if (cursor.index >= cursor.batch.length) await refill(cursor);
      const live = cursors.filter((cursor) => !cursor.hasEnded);
      if (live.length === 0) break;
      // Every cursor's next candle is known while no batch runs out: those can be merged without waiting.
      while (live.every((cursor) => cursor.index < cursor.batch.length)) groups.push(nextGroup(live, source));
      if (groups.length < BATCH_GROUPS_MAX) continue;
      yield groups;
      groups = [];
    }
    if (groups.length > 0) yield groups;
  } finally {
    await Promise.all(cursors.map((cursor) => cursor.stream.batches.return(undefined)));
  }
}

async function refill(cursor: Cursor): Promise<void> {
  while (!cursor.hasEnded) {
    const next = await cursor.stream.batches.next();
    if (next.done) {
      cursor.hasEnded = true;
    } else if (next.value.length > 0) {
      cursor.batch = next.value;
      cursor.index = 0;
      return;
    }
  }
}

function nextGroup(live: readonly Cursor[], source: string): CandleGroup {
  const time = Math.min(...live.map((cursor) => cursor.batch[cursor.index]!.time));
  const candles: Candle[] = [];
  let isTraining = true;
  for (const cursor of live) {
    const candle = cursor.batch[cursor.index]!;
    if (candle.time !== time) continue;
    candles.push(candle);
    cursor.index++;
    cursor.taken++;
    if (cursor.taken > cursor.stream.trainingCandles) isTraining = false;
  }
  return makeGroup(candles, source, isTraining);
}
