/** A member of a consumer group: reads the partitions shared out to it, from where the group has committed. */
import { PortError } from '../../errors.js';
import type { BusRecord, GroupMember, GroupOptions, TopicPartition } from '../bus.js';
import { isSamePartition } from '../common/group.js';
import { checkPartition } from '../common/placement.js';
import type { Fetching } from './fetching.js';
import { createFetching } from './fetching.js';
import { GROUP_ID_LENGTH_MAX, REQUEST_TIMEOUT_MS } from './limits.js';
import type { Share } from './join-round.js';
import type { Membership } from './membership.js';
import { createMembership } from './membership.js';
import { committedOf, endsOf } from './partitions.js';
import { createPollGate } from './poll-gate.js';
import type { ReaderDeps } from './reader.js';
import { CODE, refusal } from './refusals.js';
import { createWake } from './wake.js';

type Position = TopicPartition & { readonly next: number };

/** Joins with the first poll. @throws PortError INVALID when the options are wrong. */
export function createMember(deps: ReaderDeps, options: GroupOptions): GroupMember {
  checkOptions(deps, options);
  const { groupId, topics } = options;
  const { clock } = deps.cluster;
  const fetching = createFetching(deps);
  const changes = createWake(clock);
  const gate = createPollGate('member of a group');
  let adopted: Share | null = null;
  let isClosed = false;

  const membership = createMembership(deps, {
    groupId,
    topics,
    onChange() {
      changes.note();
      fetching.interrupt();
    },
  });

  /** Takes over how the partitions are shared out now. */
  async function follow(): Promise<void> {
    const share = membership.share();
    if (share === adopted) return;
    await adopt({ deps, options, fetching }, adopted, share);
    adopted = share;
  }

  async function poll(recordsMax: number, waitMs: number): Promise<BusRecord[]> {
    const until = clock.monotonicMs() + waitMs;
    const before = adopted;
    for (;;) {
      membership.touch();
      await follow();
      // Whoever polls for the sharing alone is told at once.
      if (options.isWithoutRecords && adopted !== before) return [];
      const leftMs = Math.max(0, until - clock.monotonicMs());
      const isOver = (): boolean => isClosed || !membership.isSettled() || membership.share() !== adopted;
      if (isOver() || options.isWithoutRecords) {
        if (leftMs > 0 && !isClosed) await changes.wait(leftMs);
      } else {
        const records = await fetching.take(recordsMax, leftMs, isOver);
        tellGaps(deps, groupId, fetching);
        if (records.length > 0) return records;
      }
      if (isClosed) return [];
      const trouble = membership.isSettled() ? null : membership.trouble();
      const isTime = clock.monotonicMs() >= until;
      if (trouble && (isTime || !trouble.isRetriable)) throw trouble;
      if (isTime) break;
    }
    await follow();
    return [];
  }

  return {
    poll: (recordsMax, waitMs) => gate.run(recordsMax, waitMs, () => poll(recordsMax, waitMs)),
    assignment: () => adopted?.partitions ?? [],
    generation: () => adopted?.generation ?? 0,
    async commit(positions) {
      gate.checkOpen();
      checkPositions(deps, positions);
      if (positions.length > 0) await commit({ deps, groupId, membership }, adopted, positions);
    },
    async close() {
      gate.close();
      isClosed = true;
      changes.note();
      fetching.close();
      await membership.leave();
    },
  };
}

interface Adopting {
  readonly deps: ReaderDeps;
  readonly options: GroupOptions;
  readonly fetching: Fetching;
}

/** Gives up what went to others and begins with what is new; what it held all the time, it goes on reading where it is. */
async function adopt({ deps, options, fetching }: Adopting, before: Share | null, after: Share | null): Promise<void> {
  const mine = after?.partitions ?? [];
  const isNext = before !== null && after?.member === before.member && after.generation === before.generation + 1;
  const kept = isNext ? before.partitions.filter((at) => mine.some((other) => isSamePartition(other, at))) : [];
  const gained = mine.filter((at) => !kept.some((other) => isSamePartition(other, at)));
  const starts = options.isWithoutRecords || gained.length === 0 ? [] : await startsOf(deps, options, gained);
  for (const at of before?.partitions ?? []) if (!kept.includes(at)) fetching.remove(at);
  for (const { topic, partition, next } of starts) fetching.set({ topic, partition }, next);
}

/** Where the group has committed, else the fallback. */
async function startsOf(
  deps: ReaderDeps,
  { groupId, fallback }: GroupOptions,
  gained: readonly TopicPartition[],
): Promise<Position[]> {
  const committed = await committedOf(deps, groupId, gained);
  const fresh = gained.filter((at) => !committed.some((known) => isSamePartition(known, at)));
  const ends = fresh.length === 0 ? [] : await endsOf(deps, fresh);
  return [
    ...committed,
    ...ends.map(({ topic, partition, earliest, next }) => ({
      topic,
      partition,
      next: fallback === 'earliest' ? earliest : next,
    })),
  ];
}

interface Committing {
  readonly deps: ReaderDeps;
  readonly groupId: string;
  readonly membership: Membership;
}

async function commit(
  { deps, groupId, membership }: Committing,
  share: Share | null,
  positions: readonly Position[],
): Promise<void> {
  const { cluster, names } = deps;
  const foreign = positions.find((at) => !share?.partitions.some((own) => isSamePartition(own, at)));
  if (!share || foreign) {
    const { topic, partition } = foreign ?? positions[0]!;
    throw new PortError('FENCED', `${topic}/${partition} belongs to another member of the group: poll again`);
  }
  const topics = positions.map(({ topic, partition, next }) => ({
    topic: names.stored(topic),
    partitions: [{ partition, offset: String(next) }],
  }));
  const asks = { groupId, memberId: share.member, groupGenerationId: share.generation, topics };
  await cluster.persist(async () => {
    const address = await cluster.coordinatorOf(groupId);
    const { responses } = await cluster.lane.ask(address, { name: 'OffsetCommit', asks }, REQUEST_TIMEOUT_MS);
    for (const { errorCode } of responses.flatMap(({ partitions }) => partitions)) {
      if (errorCode === CODE.none) continue;
      if (errorCode === CODE.unknownMember || errorCode === CODE.illegalGeneration) membership.lose(share);
      throw refusal(cluster.wire, errorCode, `store positions of the group ${groupId}`);
    }
  });
}

/** Nobody asks a member for its gaps, so they are said in the log. */
function tellGaps({ log }: ReaderDeps, groupId: string, fetching: Fetching): void {
  for (const { at, wanted, found } of fetching.gaps()) {
    log?.warn({ groupId, topic: at.topic, partition: at.partition, wanted, found }, 'records were removed unread');
  }
}

function checkOptions(deps: ReaderDeps, { groupId, topics }: GroupOptions): void {
  if (groupId === '' || groupId.length > GROUP_ID_LENGTH_MAX) {
    throw new PortError('INVALID', `expected a group's name of 1 to ${GROUP_ID_LENGTH_MAX} characters`);
  }
  if (topics.length === 0) throw new PortError('INVALID', 'expected at least one topic to join for, found none');
  for (const topic of topics) deps.partitionsOf(topic);
}

function checkPositions(deps: ReaderDeps, positions: readonly Position[]): void {
  for (const { topic, partition, next } of positions) {
    checkPartition(topic, partition, deps.partitionsOf(topic));
    if (Number.isSafeInteger(next) && next >= 0) continue;
    throw new PortError('INVALID', `expected an offset of 0 or more to commit, found ${next}`);
  }
}
