/**
 * Dead letters that stand on the bus already: each is to be written once, also when the process ended between writing it
 * and recording that, or when the outcome of a call was unknown.
 */
import type { DeadLetter, Instant } from '@kairos/schema';
import { deadLetterKey, MINUTE_MS, TOPICS } from '@kairos/schema';
import type { Bus, BusRecord } from './bus.js';

/** Records looked at together, from the end backwards. */
const CHUNK_RECORDS = 1_000;
const POLL_WAIT_MS = 1_000;
/** How far the broker's clock may be behind that of whoever wrote a letter. */
const CLOCKS_APART_MS = 10 * MINUTE_MS;
const PARTITION = 0;

/** Those of the letters that are not on the bus yet, in order. @throws PortError */
export async function unwrittenLetters(bus: Bus, letters: readonly DeadLetter[]): Promise<readonly DeadLetter[]> {
  if (letters.length === 0) return letters;
  const missing = new Set(letters.map(deadLetterKey));
  const since = (Math.min(...letters.map(({ time }) => time)) - CLOCKS_APART_MS) as Instant;
  const [bounds] = await bus.offsets(TOPICS.deadLetter);
  const earliest = bounds?.earliest ?? 0;
  for (let end = bounds?.next ?? 0; end > earliest && missing.size > 0; end -= CHUNK_RECORDS) {
    const records = await readRange(bus, Math.max(earliest, end - CHUNK_RECORDS), end);
    for (const { key } of records) if (key !== null) missing.delete(key);
    if (records[0] && records[0].timestamp < since) break;
  }
  return letters.filter((letter) => missing.has(deadLetterKey(letter)));
}

async function readRange(bus: Bus, from: number, to: number): Promise<readonly BusRecord[]> {
  const reader = await bus.read({ from: [{ topic: TOPICS.deadLetter, partition: PARTITION, position: from }] });
  const records: BusRecord[] = [];
  try {
    for (let next = from; next < to;) {
      const batch = await reader.poll(to - next, POLL_WAIT_MS);
      if (batch.length === 0) break;
      records.push(...batch.filter(({ offset }) => offset < to));
      next = batch.at(-1)!.offset + 1;
    }
  } finally {
    await reader.close();
  }
  return records;
}
