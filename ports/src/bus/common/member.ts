/** A member of a consumer group: reads the partitions it holds, from where the group has committed. */
import type { Topic } from '@kairos/schema';
import { PortError } from '../../errors.js';
import type { GroupMember, GroupOptions } from '../bus.js';
import type { BusBackend } from './backend.js';
import type { Cursor } from './cursor.js';
import { createCursor, resolvePosition } from './cursor.js';
import type { Committed, GroupState, Owner } from './group.js';
import { isSamePartition } from './group.js';
import { HEARTBEAT_INTERVAL_MS } from './limits.js';
import type { MemberDeps } from './membership.js';
import { joinGroup } from './membership.js';
import { checkPartition } from './placement.js';
import { createPolling } from './polling.js';

const GROUP_ID_LENGTH_MAX = 200;

/** Joins; partitions come with the first poll. */
export async function createMember(deps: MemberDeps, options: GroupOptions): Promise<GroupMember> {
  const { backend } = deps;
  checkOptions(backend, options);
  const membership = await joinGroup(deps, options);
  const cursor = createCursor(backend);
  const holding = createHolding(backend, cursor, options.fallback);

  const polling = createPolling(deps, {
    lookMs: HEARTBEAT_INTERVAL_MS,
    subjects: [`group ${options.groupId}`, ...(options.isWithoutRecords ? [] : options.topics)],
    async take(recordsMax) {
      const state = await membership.keepUp();
      if (state) await holding.follow(state, membership.id);
      if (options.isWithoutRecords) return [];
      const records = await cursor.take(recordsMax);
      tellGaps(deps, options.groupId, cursor);
      return records;
    },
  });

  return {
    poll: (recordsMax, waitMs) => polling.poll(recordsMax, waitMs),
    assignment: () => holding.owned().map(({ topic, partition }) => ({ topic, partition })),
    generation: () => holding.generation(),
    async commit(positions) {
      polling.checkOpen();
      checkPositions(backend, positions);
      if (positions.length > 0) await membership.commit(holding.generation(), positions);
    },
    async close() {
      polling.close();
      await membership.leave();
    },
  };
}

/** What the member holds since the sharing it last heard of. */
function createHolding(backend: BusBackend, cursor: Cursor, fallback: GroupOptions['fallback']) {
  let generation = 0;
  let owned: readonly Owner[] = [];

  return {
    generation: () => generation,
    owned: () => owned,
    /** Gives up what went to others and begins with what is new; what it kept, it goes on reading where it is. */
    async follow(state: GroupState, id: number): Promise<void> {
      if (state.generation === generation) return;
      const mine = state.owners.filter((owner) => owner.member === id);
      for (const before of owned) {
        if (!mine.some((owner) => isSamePartition(owner, before))) cursor.remove(before);
      }
      for (const { topic, partition, since } of mine) {
        const at = { topic, partition };
        if (since <= generation && cursor.has(at)) continue;
        const stored = state.committed.find((kept) => isSamePartition(kept, at));
        cursor.set(at, await resolvePosition(backend, at, stored?.next ?? fallback));
      }
      owned = mine;
      generation = state.generation;
    },
  };
}

/** Nobody asks a member for its gaps, so they are said in the log. */
function tellGaps({ log }: MemberDeps, groupId: string, cursor: Cursor): void {
  for (const { at, wanted, found } of cursor.gaps()) {
    log?.warn({ groupId, topic: at.topic, partition: at.partition, wanted, found }, 'records were removed unread');
  }
}

function checkOptions(backend: BusBackend, { groupId, topics }: GroupOptions): void {
  if (groupId === '' || groupId.length > GROUP_ID_LENGTH_MAX) {
    throw new PortError('INVALID', `expected a group's name of 1 to ${GROUP_ID_LENGTH_MAX} characters`);
  }
  if (topics.length === 0) throw new PortError('INVALID', 'expected at least one topic to join for, found none');
  topics.forEach((topic: Topic) => backend.partitionsOf(topic));
}

function checkPositions(backend: BusBackend, positions: readonly Committed[]): void {
  for (const { topic, partition, next } of positions) {
    checkPartition(topic, partition, backend.partitionsOf(topic));
    if (Number.isSafeInteger(next) && next >= 0) continue;
    throw new PortError('INVALID', `expected an offset of 0 or more to commit, found ${next}`);
  }
}
