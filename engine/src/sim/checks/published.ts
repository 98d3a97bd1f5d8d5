/** Rules of what leaves: events at least once and in order, each dead letter once, and nothing that was not committed. */
import type { BusRecord } from '@kairos/ports';
import type { TradingEvent } from '@kairos/schema';
import { encodeTradingEvent, TOPICS } from '@kairos/schema';
import { recordKey } from '../workload/ledger.js';
import { holds, Violation } from '../violation.js';
import type { Check, CheckContext } from './check.js';

/** `published-committed`, `published-in-order`, `letters-once`, and at the end `all-published` and `letters-published`. */
export function createPublishedCheck({ copiesAllowed }: CheckContext): Check {
  const events = new Map<string, TradingEvent>();
  const published = new Map<string, number>();
  const letters = new Map<string, number>();

  const checkEvent = ({ key, value }: BusRecord): void => {
    const text = Buffer.from(value).toString();
    const id = ID.exec(text)?.[1] ?? 'an event without an id';
    const event = events.get(id);
    const isCommitted = event !== undefined && key === event.accountId && text === textOf(event);
    holds(isCommitted, 'published-committed', () => [
      `${id} as it was committed`,
      event ? 'another text' : 'no commit',
    ]);
    if (!event) return;
    const before = published.get(event.accountId) ?? 0;
    holds(event.seq <= before + 1, 'published-in-order', () => [`${event.accountId}:${before + 1} next`, id]);
    published.set(event.accountId, Math.max(before, event.seq));
  };

  const checkLetter = (key: string): void => {
    const count = letters.get(key);
    holds(count !== undefined, 'published-committed', () => [`the dead letter ${key} committed`, 'no commit']);
    const copies = (count ?? 0) + 1;
    letters.set(key, copies);
    holds(copies <= copiesAllowed(key), 'letters-once', () => [`the dead letter ${key} once`, `${copies} times`]);
  };

  return {
    onCommitted({ entry }) {
      for (const event of entry.events) events.set(event.id, event);
      for (const { topic, partition, offset } of entry.deadLetters) {
        const key = recordKey(topic, partition, offset);
        if (!letters.has(key)) letters.set(key, 0);
      }
    },
    onPublished(record) {
      if (record.topic === TOPICS.trades) checkEvent(record);
      else checkLetter(record.key ?? '');
    },
    async atEnd() {
      for (const { accountId, seq, id } of events.values()) {
        const found = published.get(accountId) ?? 0;
        if (seq > found) throw new Violation('all-published', id, `nothing after ${accountId}:${found}`);
      }
      for (const [key, copies] of letters) {
        if (copies === 0) throw new Violation('letters-published', `the dead letter ${key}`, 'none');
      }
    },
  };
}

/** The first field after the version. */
const ID = /^\{"v":1,"id":"([^"]+)"/;

const textOf = (event: TradingEvent): string => Buffer.from(encodeTradingEvent(event)).toString();
