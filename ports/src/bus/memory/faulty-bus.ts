/** A bus whose calls go wrong as its faults say. */
import type { Clock } from '../../clock/clock.js';
import type { Bus, BusRecord, GroupMember, Reader } from '../bus.js';
import type { BusFaults } from './faults.js';
import { faultAfter, faultBefore, faultFull } from './faults.js';

interface Deps {
  readonly faults: BusFaults;
  readonly clock: Clock;
}

export function withFaults(bus: Bus, deps: Deps): Bus {
  const { faults } = deps;
  const guarded = async <T>(what: string, call: () => Promise<T>): Promise<T> => {
    await enter(deps, what);
    return call();
  };
  return {
    partitionsOf: (topic) => bus.partitionsOf(topic),
    async publish(topic, records) {
      await enter(deps, 'publish call');
      if (faults.strikes('publishFailsBefore')) throw faultBefore('publish call');
      if (faults.strikes('publishFull')) throw faultFull('publish call');
      const published = await bus.publish(topic, records);
      if (faults.strikes('publishFailsAfter')) throw faultAfter('publish call');
      return published;
    },
    read: (options) => guarded('read call', async () => withReaderFaults(await bus.read(options), deps)),
    join: (options) => guarded('join call', async () => withMemberFaults(await bus.join(options), deps)),
    offsets: (topic) => guarded('offsets call', () => bus.offsets(topic)),
    committed: (groupId, topic) => guarded('committed call', () => bus.committed(groupId, topic)),
    ping: () => guarded('ping', () => bus.ping()),
    close: () => bus.close(),
  };
}

/** Every call but `close` comes through here. */
async function enter({ faults, clock }: Deps, what: string): Promise<void> {
  const delayMs = faults.delayMs();
  if (delayMs > 0) await clock.sleep(delayMs);
  if (faults.isDown) throw faultBefore(what);
}

/** Delivering the newest records again is what a reader sees after a restart before its positions were stored. */
function withPollFaults(poll: Reader['poll'], deps: Deps) {
  let newest: BusRecord[] = [];
  return {
    async poll(recordsMax: number, waitMs: number): Promise<BusRecord[]> {
      await enter(deps, 'poll');
      if (deps.faults.strikes('pollFails')) throw faultBefore('poll');
      if (newest.length > 0 && newest.length <= recordsMax && deps.faults.strikes('pollRepeats')) return [...newest];
      const records = await poll(recordsMax, waitMs);
      if (records.length > 0) newest = records;
      return records;
    },
    forget(): void {
      newest = [];
    },
  };
}

function withReaderFaults(reader: Reader, deps: Deps): Reader {
  const faulty = withPollFaults((recordsMax, waitMs) => reader.poll(recordsMax, waitMs), deps);
  return {
    poll: faulty.poll,
    async seek(at, position) {
      await enter(deps, 'seek');
      await reader.seek(at, position);
      faulty.forget();
    },
    gaps: () => reader.gaps(),
    close: () => reader.close(),
  };
}

function withMemberFaults(member: GroupMember, deps: Deps): GroupMember {
  const { faults } = deps;
  const faulty = withPollFaults((recordsMax, waitMs) => member.poll(recordsMax, waitMs), deps);
  return {
    poll: faulty.poll,
    assignment: () => member.assignment(),
    generation: () => member.generation(),
    async commit(positions) {
      await enter(deps, 'commit');
      if (faults.strikes('commitFailsBefore')) throw faultBefore('commit');
      await member.commit(positions);
      if (faults.strikes('commitFailsAfter')) throw faultAfter('commit');
    },
    close: () => member.close(),
  };
}
