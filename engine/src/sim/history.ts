/** What happened in a run, in order: as a story for people, and as one hash over all of it. */
import { createHash } from 'node:crypto';
import type { JournalEntry } from '@kairos/ports';

export interface History {
  /** Notes what was done or seen, at a simulated time. */
  note(atMs: number, text: string): void;
  /** The newest notes, oldest first. */
  tail(count: number): readonly string[];
  /** Over everything that was noted: two runs of one seed have the same. */
  hash(): string;
}

export function createHistory(): History {
  const notes: string[] = [];
  return {
    note(atMs, text) {
      notes.push(`${String(atMs).padStart(7)} ms  ${text}`);
    },
    tail: (count) => notes.slice(-count),
    hash: () => createHash('sha256').update(notes.join('\n')).digest('hex').slice(0, 16),
  };
}

/** An entry in one line. */
export function entryText({ shard, entry, epoch, owner, positions, events, deadLetters }: JournalEntry): string {
  const what = events.map(({ id, type, causedBy, account, decision, trade }) =>
    [id, type, causedBy, account.cash, decision?.reason ?? '', trade?.exitReason ?? '', trade?.exitPrice ?? ''].join(
      ',',
    ),
  );
  const moved = Object.entries(positions).map(([cursor, next]) => `${cursor.replace('crypto.', '')}=${next}`);
  const letters = deadLetters.map(({ topic, partition, offset }) => `letter ${topic}:${partition}:${offset}`);
  return `entry ${shard}/${entry} epoch ${epoch} of ${owner}: ${[...what, ...letters, ...moved].join('; ')}`;
}
