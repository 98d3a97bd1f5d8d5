/** Rules of the journal: one ordered truth per shard, with one writer at a time. */
import type { JournalEntry } from '@kairos/ports';
import { holds } from '../violation.js';
import type { Check, CheckContext, Committed } from './check.js';

interface Head {
  entry: number;
  epoch: number;
  owner: string | null;
  readonly positions: Map<string, number>;
}

/** `entries-in-order`, `epochs-forward`, `positions-forward`, `entry-is-steps`. */
export function createJournalCheck(): Check {
  const heads = new Map<number, Head>();

  const headOf = (shard: number): Head => {
    let head = heads.get(shard);
    if (!head) heads.set(shard, (head = { entry: 0, epoch: 0, owner: null, positions: new Map() }));
    return head;
  };

  const checkOwner = (entry: JournalEntry, head: Head, hasLoaded: boolean): void => {
    const isTakeOver = hasLoaded || entry.owner !== head.owner;
    const epoch = isTakeOver ? head.epoch + 1 : head.epoch;
    holds(entry.epoch === epoch, 'epochs-forward', () => [
      `epoch ${epoch} of ${entry.owner} after ${head.owner ?? 'nobody'} with ${head.epoch}`,
      `${entry.epoch} in entry ${entry.entry}`,
    ]);
    holds(!isTakeOver || entry.events.length + entry.deadLetters.length === 0, 'epochs-forward', () => [
      'a new owner that begins with an empty entry',
      `${entry.events.length} events in entry ${entry.entry}`,
    ]);
  };

  const checkPositions = (entry: JournalEntry, head: Head): void => {
    for (const [cursor, next] of Object.entries(entry.positions)) {
      const before = head.positions.get(cursor) ?? 0;
      holds(next >= before, 'positions-forward', () => [`${cursor} from ${before} on`, `${next} in ${entry.entry}`]);
      head.positions.set(cursor, next);
    }
  };

  return {
    onCommitted({ entry, steps, hasLoaded }) {
      const head = headOf(entry.shard);
      holds(entry.entry === head.entry + 1, 'entries-in-order', () => [
        `entry ${head.entry + 1} of shard ${entry.shard}`,
        `${entry.entry}`,
      ]);
      checkOwner(entry, head, hasLoaded);
      checkPositions(entry, head);
      checkSteps(entry, steps);
      head.entry = entry.entry;
      head.epoch = entry.epoch;
      head.owner = entry.owner;
    },
  };
}

function checkSteps(entry: JournalEntry, steps: Committed['steps']): void {
  const stepped = steps.flatMap(({ events }) => events);
  const isSame = stepped.length === entry.events.length && stepped.every((event, i) => event === entry.events[i]);
  holds(isSame, 'entry-is-steps', () => [
    `the events ${stepped.map(({ id }) => id).join(' ')} in entry ${entry.entry}`,
    entry.events.map(({ id }) => id).join(' '),
  ]);
}

/** `marks` and `prices`: what entries say beside their events, folded, is what the auditor knows. */
export function createFiguresCheck({ auditorOf }: CheckContext): Check {
  const marks = new Map<string, JournalEntry['marks'][number]>();
  const books = new Map<string, JournalEntry['prices'][number]>();

  const checkMarks = (shard: number): void => {
    const auditor = auditorOf(shard);
    const unsettled = auditor.unsettled();
    for (const account of auditor.accounts.values()) {
      if (unsettled.has(account)) continue;
      const mark = marks.get(account.id);
      const found = mark && [
        mark.dayStart,
        mark.dayOpeningEquity,
        mark.dayRealizedPnl,
        mark.peakEquity,
        mark.maxDrawdown,
        mark.openedByCommandAt,
        mark.resumedByCommandAt,
        mark.stoppedByCommandAt,
        ...Object.entries(mark.lastLossAt).map(String).sort(),
        ...Object.entries(mark.peakPrices).map(String).sort(),
      ];
      const peaks = [...account.open.values()].filter(({ peak, entryPrice }) => peak > entryPrice);
      const expected = [
        account.dayStart,
        account.dayOpeningEquity / CENTS,
        account.dayPnl / CENTS,
        account.peakEquity / CENTS,
        account.maxDrawdown / CENTS,
        account.openedAt,
        account.resumedAt,
        account.stoppedAt,
        ...[...account.lastLossAt].map(String).sort(),
        ...peaks.map(({ tradeId, peak }) => `${tradeId},${peak}`).sort(),
      ];
      holds(String(found) === String(expected), 'marks', () => [`${account.id}: ${String(expected)}`, String(found)]);
    }
  };

  const checkPrices = (shard: number): void => {
    for (const [symbol, known] of auditorOf(shard).prices.all()) {
      const { market, newest, entry } = known;
      const book = books.get(`${shard}:${symbol}`);
      const expected = [market?.price, market?.at, newest?.price, newest?.at, newest?.source, entry?.price, entry?.at];
      const found = [
        book?.market?.price,
        book?.market?.at,
        book?.newest?.price,
        book?.newest?.at,
        book?.newest?.source,
        book?.entry?.price,
        book?.entry?.at,
      ];
      holds(String(found) === String(expected), 'prices', () => [`${symbol}: ${String(expected)}`, String(found)]);
    }
  };

  return {
    onCommitted({ entry }) {
      for (const mark of entry.marks) marks.set(mark.accountId, mark);
      for (const book of entry.prices) books.set(`${entry.shard}:${book.symbol}`, book);
      checkMarks(entry.shard);
      checkPrices(entry.shard);
    },
  };
}

/** Units of 1e-12 in one of 1e-8. */
const CENTS = 10_000n;
