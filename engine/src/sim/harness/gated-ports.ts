/** Ports as a simulated process sees them: each call passes its gate. */
import type { Bus, Clock, GroupMember, Journal, Reader, Store } from '@kairos/ports';
import type { SimulatedClock } from '@kairos/ports/testing';
import type { Instant } from '@kairos/schema';
import type { Gate } from './gate.js';

/** @param work How long a look at the time takes this process, in ms: stepping takes time, too. */
export function gatedClock(
  clock: SimulatedClock,
  gate: Gate,
  { skewMs, workMs }: { readonly skewMs: () => number; readonly workMs: number },
): Clock {
  let worked = 0;
  return {
    now: () => (clock.now() + skewMs()) as Instant,
    monotonicMs() {
      worked += workMs;
      return clock.monotonicMs() + worked;
    },
    sleep: (ms, ending) => gate.call('sleep', () => clock.sleep(ms, ending)),
  };
}

export function gatedBus(bus: Bus, gate: Gate): Bus {
  return {
    partitionsOf: (topic) => bus.partitionsOf(topic),
    publish: (topic, records) => gate.call(`publish ${topic}`, () => bus.publish(topic, records)),
    read: (options) => gate.call('read', async () => gatedReader(await bus.read(options), gate)),
    join: (options) => gate.call('join', async () => gatedMember(await bus.join(options), gate)),
    offsets: (topic) => gate.call(`offsets ${topic}`, () => bus.offsets(topic)),
    committed: (groupId, topic) => gate.call('committed', () => bus.committed(groupId, topic)),
    ping: () => gate.call('ping', () => bus.ping()),
    close: () => gate.call('close bus', () => bus.close()),
  };
}

function gatedReader(reader: Reader, gate: Gate): Reader {
  return {
    poll: (recordsMax, waitMs) => gate.call('poll', () => reader.poll(recordsMax, waitMs)),
    seek: (at, position) => gate.call('seek', () => reader.seek(at, position)),
    gaps: () => reader.gaps(),
    close: () => gate.call('close reader', () => reader.close()),
  };
}

function gatedMember(member: GroupMember, gate: Gate): GroupMember {
  return {
    ...member,
    poll: (recordsMax, waitMs) => gate.call('poll group', () => member.poll(recordsMax, waitMs)),
    generation: () => member.generation(),
    commit: (positions) => gate.call('commit group', () => member.commit(positions)),
    close: () => gate.call('leave group', () => member.close()),
  };
}

/** @param onAppend Told of each entry as it leaves the process for the first time. */
export function gatedStore(
  store: Store,
  gate: Gate,
  onAppend: (entry: Parameters<Journal['append']>[0]) => void,
): Store {
  const journal = gatedObject('journal', store.journal, gate);
  return {
    ...store,
    journal: {
      ...journal,
      append(entry, rows) {
        onAppend(entry);
        return journal.append(entry, rows);
      },
    },
    readModels: gatedObject('readModels', store.readModels, gate),
    app: {
      ...store.app,
      commands: gatedObject('commands', store.app.commands, gate),
      facts: gatedObject('facts', store.app.facts, gate),
    },
    ping: () => gate.call('ping', () => store.ping()),
    close: () => gate.call('close store', () => store.close()),
  };
}

/** An object all of whose methods answer with promises. */
function gatedObject<T extends object>(name: string, port: T, gate: Gate): T {
  const methods = port as Readonly<Record<string, (...args: unknown[]) => Promise<unknown>>>;
  const entries = Object.keys(methods).map((method) => [
    method,
    (...args: unknown[]) => gate.call(`${name}.${method}`, () => methods[method]!(...args)),
  ]);
  return Object.fromEntries(entries) as T;
}
