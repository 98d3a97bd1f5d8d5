/**
 * Reads partitions ahead, all the time: one request at a time to each broker that leads some of them, which waits there
 * for the first record. Positions are wholly ours; nothing is skipped, whatever breaks.
 */
import type { Log } from '../../log/log.js';
import { isPortError, PortError } from '../../errors.js';
import type { BusRecord, Reader, TopicPartition } from '../bus.js';
import type { Backoff } from './backoff.js';
import type { Address } from './connect.js';
import { nameOf } from './connect.js';
import { fetchCall } from './fetch-call.js';
import { createIntake } from './intake.js';
import { FETCH_WAIT_FULL_MS, FETCH_WAIT_MS, REQUEST_TIMEOUT_MS } from './limits.js';
import type { PartitionDeps } from './partitions.js';
import type { Place } from './places.js';
import { createPlaces, isHungry } from './places.js';
import { createWake } from './wake.js';
import { createWatchdog } from './watchdog.js';
import { OVER } from '../../clock/over.js';

export interface FetchingDeps extends PartitionDeps {
  readonly log: Log | null;
  /** Called once when reading is stuck: see `watchdog.ts`. */
  readonly onStuck: (error: PortError) => void;
}

export interface Fetching {
  set(at: TopicPartition, next: number): void;
  remove(at: TopicPartition): void;
  has(at: TopicPartition): boolean;
  /**
   * At most `recordsMax` records, waiting up to `waitMs`, or until `isOver`, for the first.
   * @throws PortError when nothing came in that time and something is wrong.
   */
  take(recordsMax: number, waitMs: number, isOver?: () => boolean): Promise<BusRecord[]>;
  /** Has a waiting `take` look again whether it is over. */
  interrupt(): void;
  gaps(): ReturnType<Reader['gaps']>;
  close(): void;
}

export function createFetching(deps: FetchingDeps): Fetching {
  const { cluster, names } = deps;
  const { clock } = cluster;
  const lane = cluster.openLane();
  const places = createPlaces();
  const intake = createIntake(deps, places);
  const arrival = createWake(clock);
  const hunger = createWake(clock);
  const closing = new AbortController();
  const running = new Set<string>();
  /** What is wrong at the moment, per broker; under no name: partitions without a leader. */
  const troubles = new Map<string, PortError>();
  let stuck: PortError | null = null;

  const watchdog = createWatchdog(deps, {
    places,
    signal: closing.signal,
    onStuck(error) {
      stuck = error;
      arrival.note();
      deps.onStuck(error);
    },
  });

  const leaderOf = ({ at }: Place): Address | null => cluster.leaderOf(names.stored(at.topic), at.partition);

  /** Begins a loop for every leader that has none. */
  function spread(): void {
    for (const place of places.all()) {
      const leader = leaderOf(place);
      const name = leader ? nameOf(leader) : '';
      if (closing.signal.aborted || running.has(name)) continue;
      running.add(name);
      void (leader ? readFrom(leader) : findLeaders()).finally(() => {
        running.delete(name);
        troubles.delete(name);
        spread();
      });
    }
  }

  const mine = (leader: Address): Place[] =>
    places.all().filter((place) => {
      const address = leaderOf(place);
      return address !== null && nameOf(address) === nameOf(leader);
    });

  /** Reads from one broker as long as it leads some of the partitions. */
  async function readFrom(leader: Address): Promise<void> {
    const backoff = cluster.backoff();
    for (let turn = 0; !closing.signal.aborted; turn++) {
      const own = mine(leader);
      if (own.length === 0) break;
      const wanted = own.filter(isHungry);
      if (wanted.length === 0) {
        await hunger.wait(FETCH_WAIT_MS);
        continue;
      }
      const first = turn % wanted.length;
      const inTurn = [...wanted.slice(first), ...wanted.slice(0, first)];
      try {
        await fetchOnce(leader, inTurn, wanted.length < own.length ? FETCH_WAIT_FULL_MS : FETCH_WAIT_MS);
        troubles.delete(nameOf(leader));
        backoff.reset();
      } catch (error) {
        await recover(nameOf(leader), error, backoff);
      }
    }
  }

  async function findLeaders(): Promise<void> {
    const backoff = cluster.backoff();
    while (!closing.signal.aborted && places.all().some((place) => !leaderOf(place))) {
      await recover('', new PortError('UNAVAILABLE', 'no broker leads some of the partitions now'), backoff);
    }
  }

  /** Waits, and asks who leads what now. */
  async function recover(name: string, error: unknown, backoff: Backoff): Promise<void> {
    const note = (found: unknown): void => {
      const unreadable = () => new PortError('UNAVAILABLE', 'what Kafka sent cannot be read', found);
      if (!closing.signal.aborted) troubles.set(name, isPortError(found) ? found : unreadable());
    };
    note(error);
    await backoff.wait(closing.signal);
    if (closing.signal.aborted) return;
    await cluster.refresh().catch(note);
    spread();
  }

  async function fetchOnce(leader: Address, wanted: readonly Place[], waitMs: number): Promise<void> {
    const wishes = wanted.map(({ at, next }) => ({ ...at, topic: names.stored(at.topic), offset: next }));
    const found = await lane.send(leader, fetchCall(wishes, waitMs), waitMs + REQUEST_TIMEOUT_MS);
    try {
      await intake.take(wanted, found);
    } finally {
      arrival.note();
    }
  }

  const failureOf = (): PortError | null =>
    stuck ?? places.all().find((place) => place.failure !== null)?.failure ?? null;

  return {
    set(at, next) {
      places.set(at, next);
      hunger.note();
      // After what else is set in this turn, so that it is asked for together.
      queueMicrotask(spread);
    },
    remove: (at) => places.remove(at),
    has: (at) => places.find(at) !== undefined,
    async take(recordsMax, waitMs, isOver = () => false) {
      const until = clock.monotonicMs() + waitMs;
      for (;;) {
        const records = places.take(recordsMax);
        if (records.length > 0) {
          watchdog.progress();
          hunger.note();
          return records;
        }
        const failure = failureOf();
        if (failure) throw failure;
        const leftMs = until - clock.monotonicMs();
        if (closing.signal.aborted || isOver()) return [];
        if (leftMs <= 0) {
          for (const trouble of troubles.values()) throw trouble;
          return [];
        }
        await arrival.wait(leftMs);
      }
    },
    interrupt: () => arrival.note(),
    gaps: () => places.gaps(),
    close() {
      closing.abort(OVER);
      lane.close();
      arrival.note();
      hunger.note();
    },
  };
}
