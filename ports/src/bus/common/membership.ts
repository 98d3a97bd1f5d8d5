/** Being a member of a group: signs of life in time, and what the group says. */
import type { Clock } from '../../clock/clock.js';
import { isPortError } from '../../errors.js';
import type { Log } from '../../log/log.js';
import type { GroupOptions } from '../bus.js';
import type { BusBackend } from './backend.js';
import type { Committed, GroupState, Member } from './group.js';
import { isOverdue, keepMembers, touchMember, withCommitted, withMember } from './group.js';
import { HEARTBEAT_INTERVAL_MS } from './limits.js';

export interface MemberDeps {
  readonly backend: BusBackend;
  readonly clock: Clock;
  readonly log: Log | null;
}

export interface Membership {
  /** This member's number; another one after it was taken for dead. */
  readonly id: number;
  /** Gives a sign of life where one is due; the group's state if it may have changed since the last call, else null. */
  keepUp(): Promise<GroupState | null>;
  /** Stores positions; `generation` is the sharing they were read under. @throws PortError FENCED */
  commit(generation: number, positions: readonly Committed[]): Promise<void>;
  leave(): Promise<void>;
}

/** Joins the group. */
export async function joinGroup(
  deps: MemberDeps,
  { groupId, topics }: Pick<GroupOptions, 'groupId' | 'topics'>,
): Promise<Membership> {
  const { backend, clock, log } = deps;
  const { partitionsOf } = backend;
  let id = 0;
  let beatAt = -Infinity;
  let seenChange = -1;
  let hasLeft = false;

  /** One sign of life: the dead are dropped, and who was taken for dead comes back as a new member. */
  async function beat(): Promise<GroupState> {
    const now = clock.now();
    const isDead = (member: Member) => member.id !== id && (isOverdue(member, now) || backend.isGone(member));
    let idAfter = id;
    const state = await backend.changeGroup(groupId, (before) => {
      idAfter = id;
      if (hasLeft) return before;
      const living = keepMembers(before, (member) => !isDead(member), partitionsOf);
      if (isIn(living, id)) return touchMember(living, id, now);
      idAfter = living.nextMember;
      return withMember(living, { topics, seenAt: now, process: backend.process }, partitionsOf);
    });
    id = idAfter;
    beatAt = clock.monotonicMs();
    return state;
  }

  /** Where nothing can be written, as on a full disk, a member still reads: nobody else can take its place either. */
  async function tryBeat(): Promise<GroupState> {
    try {
      return await beat();
    } catch (error) {
      if (!isPortError(error) || !error.isRetriable) throw error;
      log?.warn({ groupId, error }, 'the group could not be told that this member is there; it goes on reading');
      beatAt = clock.monotonicMs();
      return backend.group(groupId);
    }
  }

  await beat();
  return {
    get id() {
      return id;
    },
    async keepUp() {
      const count = backend.changes.countOf(`group ${groupId}`);
      const isDue = clock.monotonicMs() - beatAt >= HEARTBEAT_INTERVAL_MS;
      if (!isDue && count === seenChange) return null;
      const state = isDue ? await tryBeat() : await backend.group(groupId);
      seenChange = count;
      return isIn(state, id) || hasLeft ? state : beat();
    },
    async commit(generation, positions) {
      // Whatever comes of it, the next poll asks anew how the partitions are shared out.
      seenChange = -1;
      const change = (state: GroupState) => withCommitted(state, { id, generation }, positions);
      await backend.changeGroup(groupId, (state) => touchMember(change(state), id, clock.now()));
      beatAt = clock.monotonicMs();
    },
    async leave() {
      hasLeft = true;
      await backend.changeGroup(groupId, (state) => keepMembers(state, (member) => member.id !== id, partitionsOf));
    },
  };
}

const isIn = (state: GroupState, id: number): boolean => state.members.some((member) => member.id === id);
