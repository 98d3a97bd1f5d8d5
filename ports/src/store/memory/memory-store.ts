/**
 * A store in memory for tests: several clients of one test process share it, and it outlives each of them. Between a
 * client and the store stand the faults that the test asks for; everything is a function of the calls made.
 */
import type { Clock } from '../../clock/clock.js';
import { systemClock } from '../../clock/system.js';
import { PortError } from '../../errors.js';
import type { AppStore } from '../app-store.js';
import type { JournalEntry } from '../journal.js';
import type { Journal, Store } from '../store.js';
import { project } from '../projection.js';
import type { CallRunner, Sync } from '../promised.js';
import { promised } from '../promised.js';
import type { ReadModels } from '../read-models.js';
import type { Retention } from '../retention.js';
import { RETENTION } from '../retention.js';
import type { StoreFaults } from './faults.js';
import { noFaults } from './faults.js';
import { createMemoryAppStore } from './memory-app-store.js';
import { createMemoryJournal } from './memory-journal.js';
import { createMemoryReadModels } from './memory-read-models.js';

export interface MemoryStoreOptions {
  /** Of slow calls; the machine's by default. */
  readonly clock?: Clock;
  readonly retention?: Retention;
  /** 1 by default. */
  readonly shards?: number;
  /** Told of each entry as it becomes durable. */
  readonly onAppend?: (entry: JournalEntry) => void;
}

export interface MemoryStoreServer {
  /** A new client. Its `close` is also its crash: what has not taken effect by then never does. */
  connect(faults?: StoreFaults): Store;
  /** While down, every call of every client fails with UNAVAILABLE and has no effect. */
  setDown(isDown: boolean): void;
}

export function createMemoryStoreServer(options: MemoryStoreOptions = {}): MemoryStoreServer {
  const clock = options.clock ?? systemClock;
  const journal = createMemoryJournal();
  const readModels = createMemoryReadModels(options.retention ?? RETENTION);
  const app = createMemoryAppStore();
  let isDown = false;
  let version = 0;

  const syncJournal: Sync<Journal> = {
    ...journal,
    append(entry, rows) {
      const apply = readModels.prepare(project(entry, rows));
      if (!journal.append(entry)) return;
      apply();
      version += 1;
      options.onAppend?.(entry);
    },
  };
  const syncReadModels: Sync<ReadModels> = { ...readModels.queries, version: () => String(version) };

  return {
    connect(faults = noFaults) {
      const client = createClient({ clock, faults, isDown: () => isDown });
      return {
        shards: options.shards ?? 1,
        journal: promised<Journal>('journal', syncJournal, client.run),
        readModels: promised<ReadModels>('readModels', syncReadModels, client.run),
        app: connectApp(app, client.run),
        ping: () => client.run('ping', () => undefined),
        close: client.close,
      };
    },
    setDown(down) {
      isDown = down;
    },
  };
}

const connectApp = (app: ReturnType<typeof createMemoryAppStore>, run: CallRunner): AppStore => ({
  users: promised('users', app.users, run),
  sessions: promised('sessions', app.sessions, run),
  commands: promised('commands', app.commands, run),
  audit: promised('audit', app.audit, run),
  counters: promised('counters', app.counters, run),
  facts: promised('facts', app.facts, run),
});

interface ClientDeps {
  readonly clock: Clock;
  readonly faults: StoreFaults;
  isDown(): boolean;
}

/** The way of a client's calls to the store. */
function createClient({ clock, faults, isDown }: ClientDeps): { run: CallRunner; close(): Promise<void> } {
  let calls = 0;
  let isClosed = false;

  const checkUp = (method: string) => {
    if (isClosed) throw new PortError('CLOSED', `${method}: expected an open store, found it closed`);
    if (isDown()) throw new PortError('UNAVAILABLE', `${method}: the store does not answer; try again`);
  };

  return {
    async run(method, work) {
      const fault = isClosed ? null : faults({ method, call: ++calls });
      await (fault?.kind === 'slow' ? clock.sleep(fault.ms) : Promise.resolve());
      checkUp(method);
      if (fault?.kind === 'before') throw new PortError('UNAVAILABLE', `${method}: the store did not take the call`);
      if (fault?.kind === 'full') throw new PortError('FULL', `${method}: no room left in the store`);
      const answer = work();
      await Promise.resolve();
      if (fault?.kind === 'after') throw new PortError('TIMEOUT', `${method}: the store did not answer in time`);
      if (isClosed) throw new PortError('CLOSED', `${method}: the store was closed before it answered`);
      return answer;
    },
    async close() {
      isClosed = true;
    },
  };
}
