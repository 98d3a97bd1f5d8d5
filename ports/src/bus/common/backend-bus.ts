/** The bus on top of a backend. */
import type { Topic } from '@kairos/schema';
import type { Clock } from '../../clock/clock.js';
import { PortError } from '../../errors.js';
import type { Log } from '../../log/log.js';
import type { Bus } from '../bus.js';
import type { BusBackend } from './backend.js';
import { createMember } from './member.js';
import { createPlacement } from './placement.js';
import { createReader } from './reader.js';

export interface BackendBusDeps {
  readonly backend: BusBackend;
  readonly clock: Clock;
  readonly log: Log | null;
}

export function createBackendBus(deps: BackendBusDeps): Bus {
  const { backend } = deps;
  const place = createPlacement((topic) => backend.partitionsOf(topic));
  const opened = new Set<{ close(): Promise<void> }>();
  let closing: Promise<void> | null = null;

  const checkOpen = (): void => {
    if (closing) throw new PortError('CLOSED', 'expected an open bus, found a closed one: open another');
  };

  /** Closes with the bus unless it was closed before. */
  function track<T extends { close(): Promise<void> }>(part: T): T {
    let closed: Promise<void> | null = null;
    const tracked: T = {
      ...part,
      close: () => {
        opened.delete(tracked);
        closed ??= part.close();
        return closed;
      },
    };
    opened.add(tracked);
    return tracked;
  }

  async function closeAll(): Promise<void> {
    const results = await Promise.allSettled([...opened].map((part) => part.close()));
    await backend.close();
    const failed = results.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
  }

  return {
    partitionsOf: (topic) => backend.partitionsOf(topic),
    async publish(topic: Topic, records) {
      checkOpen();
      const placed = place(topic, records);
      if (placed.length === 0) return [];
      const offsets = await backend.append(topic, placed);
      return placed.map(({ partition }, index) => ({ topic, partition, offset: offsets[index]! }));
    },
    async read(options) {
      checkOpen();
      return track(await createReader(deps, options));
    },
    async join(options) {
      checkOpen();
      return track(await createMember(deps, options));
    },
    async offsets(topic) {
      checkOpen();
      return backend.ends(topic);
    },
    async committed(groupId, topic) {
      checkOpen();
      const { committed } = await backend.group(groupId);
      return committed.filter((at) => at.topic === topic).sort((a, b) => a.partition - b.partition);
    },
    async ping() {
      checkOpen();
      await backend.ping();
    },
    close() {
      closing ??= closeAll();
      return closing;
    },
  };
}
