/**
 * Publishes what has been committed: events to `crypto.trades`, messages that are not valid to `crypto.dead_letter`,
 * in order, until the bus has taken them. After a crash the journal says what may not have been published yet.
 */
import type { Bus, Clock, JournalEntry, Log, OutgoingRecord } from '@kairos/ports';
import { isPortError, orLate, OVER, unwrittenLetters } from '@kairos/ports';
import { deadLetterKey, encodeDeadLetter, encodeTradingEvent, TOPICS } from '@kairos/schema';

/** Entries that may wait for the bus before the trader takes nothing but commands. */
export const OUTBOX_ENTRIES_MAX = 1_000;
const PUBLISH_RECORDS = 1_000;
const RETRY_MS_MIN = 100;
const RETRY_MS_MAX = 5_000;

export interface Outbox {
  start(): void;
  add(entry: JournalEntry): void;
  isFull(): boolean;
  /** Every entry up to this one has been published. */
  publishedThrough(): number;
  /** Publishes what it can within `ms` and ends. */
  stop(ms: number): Promise<void>;
}

export function createOutbox(
  { bus, clock, log }: { bus: Bus; clock: Clock; log: Log },
  options: { readonly waiting: readonly JournalEntry[]; readonly publishedThrough: number },
): Outbox {
  const waiting: JournalEntry[] = [...options.waiting];
  let publishedThrough = options.publishedThrough;
  let wake: (() => void) | null = null;
  let isEnding = false;
  const stopping = new AbortController();
  let running: Promise<void> = Promise.resolve();

  /** Entries of which some may be on the bus already: readers know events by their ids, people read each letter once. */
  const doubtful = new Set(options.waiting.map(({ entry }) => entry));

  const publish = async (entry: JournalEntry): Promise<void> => {
    await inChunks(
      entry.events.map((event) => ({ key: event.accountId, value: encodeTradingEvent(event) })),
      (records) => bus.publish(TOPICS.trades, records),
    );
    const letters = doubtful.has(entry.entry) ? await unwrittenLetters(bus, entry.deadLetters) : entry.deadLetters;
    await inChunks(
      letters.map((letter) => ({ key: deadLetterKey(letter), value: encodeDeadLetter(letter) })),
      (records) => bus.publish(TOPICS.deadLetter, records),
    );
  };

  const publishFirst = async (retryMs: number): Promise<number> => {
    const entry = waiting[0];
    if (!entry) return RETRY_MS_MIN;
    try {
      await publish(entry);
      waiting.shift();
      doubtful.delete(entry.entry);
      publishedThrough = entry.entry;
      return RETRY_MS_MIN;
    } catch (error) {
      if (!isPortError(error)) throw error;
      doubtful.add(entry.entry);
      log.warn({ entry: entry.entry, code: error.code, retryMs }, `events wait for the bus: ${error.message}`);
      await clock.sleep(retryMs, stopping.signal);
      return Math.min(retryMs * 2, RETRY_MS_MAX);
    }
  };

  const run = async (): Promise<void> => {
    let retryMs = RETRY_MS_MIN;
    while (!stopping.signal.aborted) {
      if (waiting.length > 0) {
        retryMs = await publishFirst(retryMs);
        continue;
      }
      if (isEnding) return;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };

  return {
    start() {
      running = run();
    },
    add(entry) {
      if (entry.events.length === 0 && entry.deadLetters.length === 0 && waiting.length === 0) {
        publishedThrough = entry.entry;
        return;
      }
      waiting.push(entry);
      wake?.();
    },
    isFull: () => waiting.length >= OUTBOX_ENTRIES_MAX,
    publishedThrough: () => publishedThrough,
    async stop(ms) {
      isEnding = true;
      wake?.();
      await orLate(clock, ms, running);
      stopping.abort(OVER);
      await running;
    },
  };
}

async function inChunks(
  records: readonly OutgoingRecord[],
  publish: (records: readonly OutgoingRecord[]) => Promise<unknown>,
): Promise<void> {
  for (let i = 0; i < records.length; i += PUBLISH_RECORDS) await publish(records.slice(i, i + PUBLISH_RECORDS));
}
