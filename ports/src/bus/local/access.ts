/** The ways to the file: writes one after the other, reads at any time, both repeated while others keep it busy. */
import type { Clock } from '../../clock/clock.js';
import { PortError } from '../../errors.js';
import type { Log } from '../../log/log.js';
import type { Database } from './database.js';
import { retrying } from './retrying.js';
import { createWriteQueue } from './write-queue.js';

export interface Access {
  /** @throws PortError CLOSED */
  checkOpen(): void;
  /** Runs `work`, which only reads, against one state of the file. */
  read<T>(work: () => T): Promise<T>;
  /** Runs `work` in one transaction. */
  write<T>(work: () => T): Promise<T>;
  /** Closes the file once the writes under way are done. */
  close(): Promise<void>;
}

export function createAccess(deps: {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log | null;
}): Access {
  const { database, clock, log } = deps;
  const writes = createWriteQueue();
  let isClosed = false;

  const checkOpen = (): void => {
    if (isClosed) throw new PortError('CLOSED', 'expected an open bus, found a closed one: open another');
  };

  return {
    checkOpen,
    read: (work) =>
      retrying(clock, () => {
        checkOpen();
        return database.snapshot(work);
      }),
    async write(work) {
      checkOpen();
      return writes.run(() => retrying(clock, () => database.write(work)));
    },
    async close() {
      await writes.drained();
      isClosed = true;
      carryOver(database, log);
      database.close();
    },
  };
}

/** Nothing is lost where this fails, as on a full disk: the next opening finds the write-ahead log. */
function carryOver(database: Database, log: Log | null): void {
  try {
    database.carryOver();
  } catch (error) {
    log?.info({ file: database.file, error }, 'the write-ahead log of the bus stays for the next start');
  }
}
