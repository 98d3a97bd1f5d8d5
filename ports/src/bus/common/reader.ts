/** A reader of named partitions. */
import type { Clock } from '../../clock/clock.js';
import type { Reader, ReaderOptions } from '../bus.js';
import type { BusBackend } from './backend.js';
import { createCursor, resolvePosition } from './cursor.js';
import { PortError } from '../../errors.js';
import { createPolling } from './polling.js';

export async function createReader(
  deps: { readonly backend: BusBackend; readonly clock: Clock },
  options: ReaderOptions,
): Promise<Reader> {
  const { backend } = deps;
  const cursor = createCursor(backend);
  for (const { topic, partition, position } of options.from) {
    cursor.set({ topic, partition }, await resolvePosition(backend, { topic, partition }, position));
  }
  const polling = createPolling(deps, {
    take: (recordsMax) => cursor.take(recordsMax),
    subjects: [...new Set(options.from.map(({ topic }) => topic))],
    lookMs: Infinity,
  });

  return {
    poll: (recordsMax, waitMs) => polling.poll(recordsMax, waitMs),
    async seek({ topic, partition }, position) {
      polling.checkOpen();
      const at = { topic, partition };
      if (!cursor.has(at)) {
        throw new PortError('INVALID', `expected a partition of this reader, found ${topic}/${partition}`);
      }
      cursor.set(at, await resolvePosition(backend, at, position));
      polling.wake();
    },
    gaps() {
      polling.checkOpen();
      return cursor.gaps();
    },
    async close() {
      polling.close();
    },
  };
}
