/** Whether a sequence is an interleaving of queues, and which element came from which. */
import type { Meaning } from '../workload/ledger.js';

export interface Item {
  readonly key: string;
  readonly partition: number;
  readonly meaning: Meaning;
  /** May be missing from the sequence: it was removed by retention, or concerns another shard. */
  readonly isOptional: boolean;
}

/** For each name the item that it stands for, in order within each queue and with none left over; null = impossible. */
export function assign(names: readonly string[], queues: readonly (readonly Item[])[]): readonly Item[] | null {
  const heads = queues.map(() => 0);
  const assigned: Item[] = [];

  /** Where in a queue the name can stand: only what may be missing is skipped. */
  function* placesIn(queue: readonly Item[], from: number, name: string): Iterable<number> {
    for (let i = from; i < queue.length; i++) {
      if (queue[i]!.meaning.id === name) yield i;
      if (!queue[i]!.isOptional) return;
    }
  }

  const isDone = (): boolean => queues.every((queue, q) => queue.slice(heads[q]).every(({ isOptional }) => isOptional));

  const place = (next: number): boolean => {
    if (next === names.length) return isDone();
    for (const [q, queue] of queues.entries()) {
      const before = heads[q]!;
      for (const at of placesIn(queue, before, names[next]!)) {
        heads[q] = at + 1;
        assigned[next] = queue[at]!;
        if (place(next + 1)) return true;
      }
      heads[q] = before;
    }
    return false;
  };

  return place(0) ? assigned : null;
}
