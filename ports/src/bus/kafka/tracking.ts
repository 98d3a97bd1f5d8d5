/** What was opened from a bus closes with it. */
import { PortError } from '../../errors.js';

export interface Tracking {
  /** Closes with the bus unless it is closed before. */
  track<T extends { close(): Promise<void> }>(part: T): T;
  /** @throws PortError CLOSED */
  checkOpen(): void;
  /** Closes what is open, then the bus; twice is harmless. */
  close(): Promise<void>;
}

export function createTracking(closeBus: () => void): Tracking {
  const opened = new Set<{ close(): Promise<void> }>();
  let closing: Promise<void> | null = null;

  async function closeAll(): Promise<void> {
    const results = await Promise.allSettled([...opened].map((part) => part.close()));
    closeBus();
    const failed = results.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
  }

  return {
    track(part) {
      let closed: Promise<void> | null = null;
      const tracked = {
        ...part,
        close: () => {
          opened.delete(tracked);
          closed ??= part.close();
          return closed;
        },
      };
      opened.add(tracked);
      return tracked;
    },
    checkOpen() {
      if (closing) throw new PortError('CLOSED', 'expected an open bus, found a closed one: open another');
    },
    close() {
      closing ??= closeAll();
      return closing;
    },
  };
}
