/** What stands last in a partition for each of several keys: read backwards from its end, only as far as is asked. */
import type { Bus, BusRecord, TopicPartition } from '@kairos/ports';
import { POLL_WAIT_MS, TAIL_RECORDS } from '../limits.js';

export interface TailScanOptions<T> extends TopicPartition {
  /** Key and value of a record; null for one that is none of ours. */
  readonly entryOf: (record: BusRecord) => { readonly key: string; readonly value: T } | null;
  /** Whether nothing before this record matters. */
  readonly isBeyond: (record: BusRecord) => boolean;
}

export interface TailScan<T> {
  /** The value of the key's last record; null when there is none. @throws PortError: ask again to go on. */
  lastOf(key: string): Promise<T | null>;
  /** From now on this is the key's last value. */
  set(key: string, value: T): void;
}

export function createTailScan<T>(bus: Bus, options: TailScanOptions<T>): TailScan<T> {
  const { topic, partition, entryOf, isBeyond } = options;
  const found = new Map<string, T>();
  /** What is still unread: from ≤ offset < to. */
  let unread: { readonly from: number; readonly to: number } | null = null;

  async function begin(): Promise<{ from: number; to: number }> {
    const bounds = (await bus.offsets(topic)).find((each) => each.partition === partition);
    return { from: bounds?.earliest ?? 0, to: bounds?.next ?? 0 };
  }

  async function readBack({ from, to }: { from: number; to: number }): Promise<void> {
    const start = Math.max(from, to - TAIL_RECORDS);
    const records = await readRange(bus, { topic, partition }, { from: start, to });
    for (const record of records.reverse()) {
      const entry = entryOf(record);
      if (entry && !found.has(entry.key)) found.set(entry.key, entry.value);
    }
    const oldest = records.at(-1);
    unread = { from: oldest && isBeyond(oldest) ? start : from, to: start };
  }

  return {
    async lastOf(key) {
      unread ??= await begin();
      while (!found.has(key) && unread.from < unread.to) await readBack(unread);
      return found.get(key) ?? null;
    },
    set(key, value) {
      found.set(key, value);
    },
  };
}

async function readRange(bus: Bus, at: TopicPartition, range: { from: number; to: number }): Promise<BusRecord[]> {
  const reader = await bus.read({ from: [{ ...at, position: range.from }] });
  const records: BusRecord[] = [];
  try {
    for (let next = range.from; next < range.to;) {
      const batch = await reader.poll(range.to - next, POLL_WAIT_MS);
      if (batch.length === 0) break;
      records.push(...batch.filter(({ offset }) => offset >= next && offset < range.to));
      next = Math.max(next, batch.at(-1)!.offset + 1);
    }
  } finally {
    await reader.close();
  }
  return records;
}
