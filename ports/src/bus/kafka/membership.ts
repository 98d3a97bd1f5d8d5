/**
 * Being a member of a Kafka group: joining, signs of life, knowing when the partitions are shared out anew.
 *
 * Joining goes on in the background, for a broker answers only once every member has come back; what came of it counts
 * from the member's next `poll` on. Signs of life are given only as long as somebody polls. While the coordinator
 * cannot be reached the member keeps what it has, for nobody can be given it then; it is the coordinator's word that ends
 * a membership.
 */
import type { Topic } from '@kairos/schema';
import { isPortError, PortError } from '../../errors.js';
import type { TopicPartition } from '../bus.js';
import { decodeClaim, decodeShare, encodeClaim, encodeShare, SHARING, shareOut } from './assignment.js';
import type { CallName } from './wire.js';
import type { Calls } from './calls.js';
import {
  HEARTBEAT_INTERVAL_MS,
  LEAVE_TIMEOUT_MS,
  POLL_PAUSE_MS_MAX,
  REBALANCE_TIMEOUT_MS,
  REQUEST_TIMEOUT_MS,
  SESSION_TIMEOUT_MS,
  TROUBLE_QUIET_MS,
} from './limits.js';
import type { Log } from '../../log/log.js';
import type { PartitionDeps } from './partitions.js';
import { CODE, refusal } from './refusals.js';

/** Partitions as shared out to this member. */
export interface Share {
  readonly generation: number;
  readonly member: string;
  readonly partitions: readonly TopicPartition[];
}

export interface Membership {
  /** Somebody polls: joins where that is due. */
  touch(): void;
  /** Whether it is known how the partitions are shared out at present. */
  isSettled(): boolean;
  /** The newest sharing; null while this member has no part in the group. */
  share(): Share | null;
  /** Why it has not been able to join, or to be heard, for longer than `TROUBLE_QUIET_MS`. */
  trouble(): PortError | null;
  /** The broker said that this member's part is over, to a call made under that share. */
  lose(share: Share): void;
  /** Says good-bye, within `LEAVE_TIMEOUT_MS`. */
  leave(): Promise<void>;
}

export interface MembershipDeps extends PartitionDeps {
  readonly log: Log | null;
  readonly partitionsOf: (topic: Topic) => number;
}

export interface MembershipOptions {
  readonly groupId: string;
  readonly topics: readonly Topic[];
  /** Called when something has changed. */
  readonly onChange: () => void;
}

/** `out`: no part in the group. `due`: the group shares out anew and waits for this member to come back. */
type Phase = 'out' | 'joining' | 'in' | 'due';

/** Said by the coordinator where a member has to join again under a new name. */
const isForgotten = (code: number): boolean => code === CODE.unknownMember || code === CODE.illegalGeneration;

export function createMembership(deps: MembershipDeps, { groupId, topics, onChange }: MembershipOptions): Membership {
  const { cluster, names } = deps;
  const { clock } = cluster;
  const lane = cluster.openLane();
  const leaving = new AbortController();
  let phase: Phase = 'out';
  let member = '';
  let share: Share | null = null;
  let trouble: { readonly error: PortError; readonly sinceMs: number } | null = null;
  let polledAtMs = clock.monotonicMs();

  function change(to: Phase): void {
    phase = to;
    onChange();
  }

  function forget(): void {
    member = '';
    share = null;
    if (phase !== 'joining') change('out');
  }

  async function ask<Name extends CallName>(name: Name, asks: Calls[Name]['asks'], timeoutMs: number) {
    return lane.ask(await cluster.coordinatorOf(groupId), { name, asks }, timeoutMs);
  }

  /** One round: joins, computes the sharing if this member leads, and hears its part. Null: begin again. */
  async function joinOnce(): Promise<Share | null> {
    const stored = topics.map((topic) => names.stored(topic));
    const held = (share?.partitions ?? []).map(({ topic, partition }) => ({ topic: names.stored(topic), partition }));
    const metadata = encodeClaim({ topics: stored, generation: share?.generation ?? 0, held });
    const asks = {
      ...{ groupId, memberId: member, protocolType: 'consumer', groupProtocols: [{ name: SHARING, metadata }] },
      ...{ sessionTimeout: SESSION_TIMEOUT_MS, rebalanceTimeout: REBALANCE_TIMEOUT_MS },
    };
    const joined = await ask('JoinGroup', asks, REBALANCE_TIMEOUT_MS + REQUEST_TIMEOUT_MS);
    if (isForgotten(joined.errorCode)) forget();
    else if (joined.memberId !== '') member = joined.memberId;
    if (isForgotten(joined.errorCode) || joined.errorCode === CODE.memberIdRequired) return null;
    if (joined.errorCode !== CODE.none)
      throw refusal(cluster.wire, joined.errorCode, `let this process join the group ${groupId}`);
    const groupAssignment = joined.leaderId === member ? shareAll(joined.members) : [];
    const generationId = joined.generationId;
    const synced = await ask(
      'SyncGroup',
      { groupId, memberId: member, generationId, groupAssignment },
      REBALANCE_TIMEOUT_MS,
    );
    if (isForgotten(synced.errorCode)) forget();
    if (isForgotten(synced.errorCode) || synced.errorCode === CODE.rebalanceInProgress) return null;
    if (synced.errorCode !== CODE.none) throw refusal(cluster.wire, synced.errorCode, `share out the group ${groupId}`);
    return { generation: generationId, member, partitions: decodeShare(synced.memberAssignment, names) };
  }

  function shareAll(members: Calls['JoinGroup']['answers']['members']) {
    const claims = members.map((row) => decodeClaim(row.memberId, row.memberMetadata));
    const shares = shareOut(claims, (topic) => deps.partitionsOf(names.own(topic)));
    return [...shares].map(([memberId, partitions]) => ({ memberId, memberAssignment: encodeShare(partitions) }));
  }

  async function join(): Promise<void> {
    change('joining');
    const backoff = cluster.backoff();
    while (!leaving.signal.aborted) {
      try {
        const found = await joinOnce();
        if (!found) continue;
        share = found;
        trouble = null;
        return change('in');
      } catch (error) {
        note(error);
        if (trouble && !trouble.error.isRetriable) return change('out');
        await backoff.wait(leaving.signal);
      }
    }
  }

  function note(error: unknown): void {
    if (leaving.signal.aborted) return;
    const known = isPortError(error)
      ? error
      : new PortError('UNAVAILABLE', `the group ${groupId} cannot be understood`, error);
    trouble = { error: known, sinceMs: trouble?.sinceMs ?? clock.monotonicMs() };
    onChange();
  }

  /** One sign of life. */
  async function beat(of: Share): Promise<void> {
    const asks = { groupId, memberId: of.member, groupGenerationId: of.generation };
    const { errorCode } = await ask('Heartbeat', asks, REQUEST_TIMEOUT_MS);
    if (share !== of) return;
    if (isForgotten(errorCode)) return forget();
    if (errorCode === CODE.rebalanceInProgress) {
      if (phase === 'in') change('due');
    } else if (errorCode !== CODE.none) throw refusal(cluster.wire, errorCode, `hear of the members of ${groupId}`);
    trouble = null;
  }

  async function live(): Promise<void> {
    while (!leaving.signal.aborted) {
      await clock.sleep(HEARTBEAT_INTERVAL_MS, leaving.signal);
      if (leaving.signal.aborted || !share || phase === 'joining') continue;
      if (clock.monotonicMs() - polledAtMs > POLL_PAUSE_MS_MAX) {
        deps.log?.warn({ groupId }, 'nobody polls this member of the group: it gives its partitions up');
        forget();
        continue;
      }
      await beat(share).catch(note);
    }
  }

  void live();
  return {
    touch() {
      polledAtMs = clock.monotonicMs();
      if (phase === 'out' || phase === 'due') void join();
    },
    isSettled: () => phase === 'in',
    share: () => share,
    trouble() {
      if (!trouble) return null;
      const isQuiet = trouble.error.isRetriable && clock.monotonicMs() - trouble.sinceMs < TROUBLE_QUIET_MS;
      return isQuiet ? null : trouble.error;
    },
    lose(of) {
      if (share === of) forget();
    },
    async leave() {
      leaving.abort();
      lane.close();
      if (member === '') return;
      const asks = { groupId, memberId: member };
      const bye = cluster
        .coordinatorOf(groupId)
        .then((at) => cluster.lane.ask(at, { name: 'LeaveGroup', asks }, LEAVE_TIMEOUT_MS));
      const gone = bye.then(
        () => undefined,
        (error: unknown) => {
          deps.log?.debug(
            { groupId, error },
            'the group could not be told that this member leaves: it is missed later',
          );
        },
      );
      await Promise.race([gone, clock.sleep(LEAVE_TIMEOUT_MS)]);
    },
  };
}
