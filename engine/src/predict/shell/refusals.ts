/**
 * Prices that are not valid: each goes to the dead letter once, however often it is read again, and is logged then.
 * Letters are written in the order of the records they are about, so the last one of a partition tells which are done.
 */
import type { Bus, BusRecord, Clock, Log } from '@kairos/ports';
import type { DeadLetter } from '@kairos/schema';
import { deadLetterKey, deadLetterOf, decodeDeadLetter, encodeDeadLetter, TOPICS } from '@kairos/schema';
import type { Retry } from './retry.js';
import { createTailScan } from './tail-scan.js';

export interface Refusals {
  /** Tells people of these records, each with the reason why it is not valid; in order within a partition. */
  report(bad: readonly { readonly record: BusRecord; readonly reason: string }[]): Promise<void>;
}

export function createRefusals(deps: { bus: Bus; clock: Clock; log: Log; retry: Retry }): Refusals {
  const { bus, clock, log, retry } = deps;
  const reported = createTailScan<number>(bus, {
    topic: TOPICS.deadLetter,
    partition: 0,
    isBeyond: () => false,
    entryOf(record) {
      const letter = decodeDeadLetter(record.value);
      if (!letter.ok || letter.value.topic !== TOPICS.marketData) return null;
      return { key: String(letter.value.partition), value: letter.value.offset };
    },
  });

  async function isReported({ partition, offset }: BusRecord): Promise<boolean> {
    const last = await retry.run('read dead letters', () => reported.lastOf(String(partition)));
    return last !== null && offset <= last;
  }

  return {
    async report(bad) {
      const letters: DeadLetter[] = [];
      for (const { record, reason } of bad) {
        if (await isReported(record)) continue;
        letters.push(deadLetterOf(record, reason, clock.now()));
      }
      if (letters.length === 0) return;
      const records = letters.map((letter) => ({ key: deadLetterKey(letter), value: encodeDeadLetter(letter) }));
      await retry.run('write dead letters', () => bus.publish(TOPICS.deadLetter, records));
      for (const { partition, offset, reason } of letters) {
        reported.set(String(partition), offset);
        log.warn({ partition, offset, reason }, `a price is not valid: ${reason}`);
      }
    },
  };
}
