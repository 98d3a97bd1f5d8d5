/**
 * Being a member of a Kafka group: joining, signs of life, knowing when the partitions are shared out anew.
 *
 * Joining goes on in the background, for a broker answers only once every member has come back; what came of it counts
 * from the member's next `poll` on. Signs of life are given only as long as somebody polls, each at its time and not after
 * the answer to the one before: however late a coordinator answers, it hears of its members in time. While the coordinator
 * cannot be reached the member keeps what it has, for nobody can be given it then; it is the coordinator's word that ends
 * a membership.
 */
import type { Topic } from '@kairos/schema';
import { isPortError, PortError } from '../../errors.js';
import type { Address } from './connect.js';
import type { AskCoordinator, Share } from './join-round.js';
import { isForgotten, joinRound } from './join-round.js';
import {
  HEARTBEAT_INTERVAL_MS,
  HEARTBEATS_MAX,
  LEAVE_TIMEOUT_MS,
  POLL_PAUSE_MS_MAX,
  REQUEST_TIMEOUT_MS,
  TROUBLE_QUIET_MS,
} from './limits.js';
import type { Log } from '../../log/log.js';
import type { PartitionDeps } from './partitions.js';
import { CODE, refusal } from './refusals.js';
import { orLate } from '../../clock/or-late.js';
import { OVER } from '../../clock/over.js';

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

export function createMembership(deps: MembershipDeps, { groupId, topics, onChange }: MembershipOptions): Membership {
  const { cluster } = deps;
  const { clock } = cluster;
  const lane = cluster.openLane();
  const leaving = new AbortController();
  let phase: Phase = 'out';
  let member = '';
  let share: Share | null = null;
  /** The newest share that it has had: taken for dead, it asks for the same again. */
  let latest: Share | null = null;
  /** Who coordinates the group, as last told; null = to be asked. */
  let coordinator: Address | null = null;
  let trouble: { readonly error: PortError; readonly sinceMs: number } | null = null;
  let polledAtMs = clock.monotonicMs();
  let beatsUnderWay = 0;

  function change(to: Phase): void {
    phase = to;
    onChange();
  }

  function forget(): void {
    member = '';
    share = null;
    if (phase !== 'joining') change('out');
  }

  const ask: AskCoordinator = async (name, asks, timeoutMs) => {
    const address = coordinator ?? (await cluster.coordinatorOf(groupId));
    coordinator = address;
    return lane.ask(address, { name, asks }, timeoutMs);
  };

  /** Null: begin again. */
  async function joinOnce(): Promise<Share | null> {
    const found = await joinRound({ ...deps, ask }, { groupId, topics, member, share: latest });
    if (found.member === '') forget();
    member = found.member;
    return found.share;
  }

  async function join(): Promise<void> {
    change('joining');
    const backoff = cluster.backoff();
    while (!leaving.signal.aborted) {
      try {
        const found = await joinOnce();
        if (!found) continue;
        share = found;
        latest = found;
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
    coordinator = null;
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
      if (leaving.signal.aborted || !share || phase === 'joining' || beatsUnderWay >= HEARTBEATS_MAX) continue;
      if (clock.monotonicMs() - polledAtMs > POLL_PAUSE_MS_MAX) {
        deps.log?.warn({ groupId }, 'nobody polls this member of the group: it gives its partitions up');
        forget();
        continue;
      }
      beatsUnderWay += 1;
      void beat(share)
        .catch(note)
        .finally(() => (beatsUnderWay -= 1));
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
      leaving.abort(OVER);
      lane.close();
      if (member === '') return;
      const asks = { groupId, memberId: member };
      const known = coordinator ? Promise.resolve(coordinator) : cluster.coordinatorOf(groupId);
      const bye = known.then((at) => cluster.lane.ask(at, { name: 'LeaveGroup', asks }, LEAVE_TIMEOUT_MS));
      const gone = bye.then(
        () => undefined,
        (error: unknown) => {
          deps.log?.debug(
            { groupId, error },
            'the group could not be told that this member leaves: it is missed later',
          );
        },
      );
      await orLate(clock, LEAVE_TIMEOUT_MS, gone);
    },
  };
}
