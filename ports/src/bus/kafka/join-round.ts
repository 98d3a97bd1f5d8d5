/** One round of joining a group: joins, computes the sharing if this member leads, and hears its part. */
import type { Topic } from '@kairos/schema';
import type { TopicPartition } from '../bus.js';
import { decodeClaim, decodeShare, encodeClaim, encodeShare, SHARING, shareOut } from './assignment.js';
import type { Calls } from './calls.js';
import { REBALANCE_TIMEOUT_MS, REQUEST_TIMEOUT_MS, SESSION_TIMEOUT_MS } from './limits.js';
import type { PartitionDeps } from './partitions.js';
import { CODE, refusal } from './refusals.js';
import type { CallName } from './wire.js';

/** Partitions as shared out to a member. */
export interface Share {
  readonly generation: number;
  readonly member: string;
  readonly partitions: readonly TopicPartition[];
}

export type AskCoordinator = <Name extends CallName>(
  name: Name,
  asks: Calls[Name]['asks'],
  timeoutMs: number,
) => Promise<Calls[Name]['answers']>;

export interface JoinDeps extends PartitionDeps {
  readonly partitionsOf: (topic: Topic) => number;
  readonly ask: AskCoordinator;
}

export interface Joining {
  readonly groupId: string;
  readonly topics: readonly Topic[];
  /** Name that the coordinator knows it by; '' = none yet. */
  readonly member: string;
  /** What it has held so far. */
  readonly share: Share | null;
}

/** What came of a round: the name to go on with, '' where the coordinator has forgotten it; no share = begin again. */
export interface Joined {
  readonly member: string;
  readonly share: Share | null;
}

/** Said by the coordinator where a member has to join again under a new name. */
export const isForgotten = (code: number): boolean => code === CODE.unknownMember || code === CODE.illegalGeneration;

const FORGOTTEN: Joined = { member: '', share: null };

/** @throws PortError */
export async function joinRound(deps: JoinDeps, joining: Joining): Promise<Joined> {
  const { cluster, ask } = deps;
  const { groupId } = joining;
  const joined = await ask('JoinGroup', joinAsks(deps, joining), REBALANCE_TIMEOUT_MS + REQUEST_TIMEOUT_MS);
  if (isForgotten(joined.errorCode)) return FORGOTTEN;
  if (joined.errorCode === CODE.memberIdRequired) return { member: joined.memberId, share: null };
  if (joined.errorCode !== CODE.none) {
    throw refusal(cluster.wire, joined.errorCode, `let this process join the group ${groupId}`);
  }
  const { memberId: member, generationId: generation } = joined;
  const groupAssignment = joined.leaderId === member ? shareAll(deps, joined.members) : [];
  const asks = { groupId, memberId: member, generationId: generation, groupAssignment };
  const synced = await ask('SyncGroup', asks, REBALANCE_TIMEOUT_MS);
  if (isForgotten(synced.errorCode)) return FORGOTTEN;
  if (synced.errorCode === CODE.rebalanceInProgress) return { member, share: null };
  if (synced.errorCode !== CODE.none) throw refusal(cluster.wire, synced.errorCode, `share out the group ${groupId}`);
  return { member, share: { generation, member, partitions: decodeShare(synced.memberAssignment, deps.names) } };
}

function joinAsks({ names }: JoinDeps, { groupId, topics, member, share }: Joining): Calls['JoinGroup']['asks'] {
  const held = (share?.partitions ?? []).map(({ topic, partition }) => ({ topic: names.stored(topic), partition }));
  const stored = topics.map((topic) => names.stored(topic));
  const metadata = encodeClaim({ topics: stored, generation: share?.generation ?? 0, held });
  return {
    groupId,
    memberId: member,
    sessionTimeout: SESSION_TIMEOUT_MS,
    rebalanceTimeout: REBALANCE_TIMEOUT_MS,
    protocolType: 'consumer',
    groupProtocols: [{ name: SHARING, metadata }],
  };
}

function shareAll({ names, partitionsOf }: JoinDeps, members: Calls['JoinGroup']['answers']['members']) {
  const claims = members.map((row) => decodeClaim(row.memberId, row.memberMetadata));
  const shares = shareOut(claims, (topic) => partitionsOf(names.own(topic)));
  return [...shares].map(([memberId, partitions]) => ({ memberId, memberAssignment: encodeShare(partitions) }));
}
