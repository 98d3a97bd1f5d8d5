/** What the feed itself has last put on the bus: a partition read backwards from its end. */
import type { Bus, BusRecord } from '@kairos/ports';
import type { MarketMessage } from '@kairos/schema';
import { decodeMarketData, TOPICS } from '@kairos/schema';

/** Records read at a time. */
const CHUNK_RECORDS = 1_000;
const POLL_WAIT_MS = 1_000;

/**
 * Gives the valid messages of a partition of prices, newest first, until `visit` answers false or `recordsMax` records
 * were looked at. Records that are not valid are passed over: readers send them to the dead letter.
 *
 * @throws PortError
 */
export async function readBackwards(
  bus: Bus,
  at: { readonly partition: number; readonly recordsMax: number },
  visit: (message: MarketMessage) => boolean,
): Promise<void> {
  const offsets = await bus.offsets(TOPICS.marketData);
  const bounds = offsets.find(({ partition }) => partition === at.partition);
  if (!bounds) return;
  const earliest = Math.max(bounds.earliest, bounds.next - at.recordsMax);
  for (let end = bounds.next; end > earliest; end -= CHUNK_RECORDS) {
    const records = await readRange(bus, at.partition, { from: Math.max(earliest, end - CHUNK_RECORDS), to: end });
    for (const record of records.reverse()) {
      const message = decodeMarketData(record.value, record);
      if (message.ok && !visit(message.value)) return;
    }
  }
}

async function readRange(bus: Bus, partition: number, range: { from: number; to: number }): Promise<BusRecord[]> {
  const reader = await bus.read({ from: [{ topic: TOPICS.marketData, partition, position: range.from }] });
  const records: BusRecord[] = [];
  try {
    let next = range.from;
    while (next < range.to) {
      const batch = await reader.poll(range.to - next, POLL_WAIT_MS);
      if (batch.length === 0) break;
      records.push(...batch.filter((record) => record.offset < range.to));
      next = batch.at(-1)!.offset + 1;
    }
  } finally {
    await reader.close();
  }
  return records;
}
