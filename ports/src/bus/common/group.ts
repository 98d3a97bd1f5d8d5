/**
 * A consumer group as plain data: who its members are, which partition each holds, and how far each has been read.
 *
 * Every change of membership shares the partitions out anew: per topic, members in order of their id get one
 * contiguous range each. `since` of an owner is the generation in which it got the partition, so a member that lost
 * one and got it back is told from one that held it all the time.
 */
import type { Instant, Topic } from '@kairos/schema';
import { PortError } from '../../errors.js';
import type { TopicPartition } from '../bus.js';
import { GROUP_MEMBERS_MAX, SESSION_TIMEOUT_MS } from './limits.js';

export interface Member {
  readonly id: number;
  readonly topics: readonly Topic[];
  /** Wall time of its newest sign of life. */
  readonly seenAt: Instant;
  /** The process it lives in, as the backend names it. */
  readonly process: string;
}

export interface Owner extends TopicPartition {
  readonly member: number;
  readonly since: number;
}

export interface Committed extends TopicPartition {
  readonly next: number;
}

export interface GroupState {
  /** Counts changes of the sharing. */
  readonly generation: number;
  readonly nextMember: number;
  readonly members: readonly Member[];
  readonly owners: readonly Owner[];
  readonly committed: readonly Committed[];
}

export const EMPTY_GROUP: GroupState = { generation: 0, nextMember: 1, members: [], owners: [], committed: [] };

export type PartitionsOf = (topic: Topic) => number;

export const isSamePartition = (a: TopicPartition, b: TopicPartition): boolean =>
  a.partition === b.partition && a.topic === b.topic;

/** Adds a member; its id is the new state's `nextMember` - 1. @throws PortError UNAVAILABLE when the group is full. */
export function withMember(state: GroupState, member: Omit<Member, 'id'>, partitionsOf: PartitionsOf): GroupState {
  if (state.members.length >= GROUP_MEMBERS_MAX) {
    throw new PortError('UNAVAILABLE', `expected at most ${GROUP_MEMBERS_MAX} members in a group: end one first`);
  }
  const members = [...state.members, { ...member, id: state.nextMember }];
  return shareOut({ ...state, nextMember: state.nextMember + 1 }, members, partitionsOf);
}

/** Keeps the members that `isKept`; the same state when that is all of them. */
export function keepMembers(
  state: GroupState,
  isKept: (member: Member) => boolean,
  partitionsOf: PartitionsOf,
): GroupState {
  const members = state.members.filter(isKept);
  return members.length === state.members.length ? state : shareOut(state, members, partitionsOf);
}

/** Notes a sign of life. */
export const touchMember = (state: GroupState, id: number, now: Instant): GroupState => ({
  ...state,
  members: state.members.map((member) => (member.id === id ? { ...member, seenAt: now } : member)),
});

/** A heartbeat from further ahead than the time-out counts as none: somebody has set the machine's clock back. */
export const isOverdue = (member: Member, now: Instant): boolean => Math.abs(now - member.seenAt) >= SESSION_TIMEOUT_MS;

/**
 * Stores positions on behalf of a member that last saw `generation`.
 *
 * @throws PortError FENCED when one of the partitions is not, or not still, its own.
 */
export function withCommitted(
  state: GroupState,
  by: { readonly id: number; readonly generation: number },
  positions: readonly Committed[],
): GroupState {
  for (const at of positions) {
    const owner = state.owners.find((candidate) => isSamePartition(candidate, at));
    if (owner?.member === by.id && owner.since <= by.generation) continue;
    throw new PortError('FENCED', `${at.topic}/${at.partition} belongs to another member of the group: poll again`);
  }
  const others = state.committed.filter((kept) => !positions.some((at) => isSamePartition(kept, at)));
  const stored = positions.map(({ topic, partition, next }) => ({ topic, partition, next }));
  return { ...state, committed: [...others, ...stored] };
}

function shareOut(state: GroupState, members: readonly Member[], partitionsOf: PartitionsOf): GroupState {
  const generation = state.generation + 1;
  const topics = [...new Set(members.flatMap((member) => member.topics))].sort();
  const owners = topics.flatMap((topic) => {
    const readers = members.filter((member) => member.topics.includes(topic)).map((member) => member.id);
    return shareOutTopic({ topic, partitions: partitionsOf(topic), readers }).map((owner): Owner => {
      const before = state.owners.find((candidate) => isSamePartition(candidate, owner));
      return { ...owner, since: before?.member === owner.member ? before.since : generation };
    });
  });
  return { ...state, generation, members, owners };
}

/** Contiguous ranges in order of member id; the first ones get one more where it does not come out even. */
function shareOutTopic(of: {
  readonly topic: Topic;
  readonly partitions: number;
  readonly readers: readonly number[];
}): Omit<Owner, 'since'>[] {
  const readers = [...of.readers].sort((a, b) => a - b);
  const share = Math.floor(of.partitions / readers.length);
  const more = of.partitions % readers.length;
  const counts = readers.map((_, index) => share + (index < more ? 1 : 0));
  const inOrder = readers.flatMap((member, index) => Array.from({ length: counts[index]! }, () => member));
  return inOrder.map((member, partition) => ({ topic: of.topic, partition, member }));
}
