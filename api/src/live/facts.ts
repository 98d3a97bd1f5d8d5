/**
 * An account's events as they happen: in order of seq, without gap or repeat.
 *
 * The bus tells them first; the store is the truth. What the bus leaves out, tells twice or tells out of order is put
 * right from the store before anybody hears of it.
 */
import type { Clock, Log, Store } from '@kairos/ports';
import type { TradingEvent } from '@kairos/schema';
import { CATCH_UP_EVENTS_MAX } from '@kairos/schema';
import { ConflictError, UnavailableError } from '../graphql/errors.js';
import type { Channel, Stream } from './channel.js';
import { createChannel } from './channel.js';
import type { Shared } from './shared.js';
import { createShared } from './shared.js';
import type { WatchedAccounts } from './watched-accounts.js';

export interface Facts {
  /** An event heard on the bus. */
  offer(event: TradingEvent): void;
  /** Events after `afterSeq`; null = from now on. @throws ConflictError when more than 1,000 behind or ahead */
  subscribe(accountId: string, afterSeq: number | null): Promise<Stream<TradingEvent>>;
}

export interface FactsDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly accounts: WatchedAccounts;
}

/** Events that wait for one subscriber. */
export const FACTS_QUEUED_MAX = 1_000;
/** Events that wait for the one before them. */
const PENDING_MAX = 1_000;
/** How long the bus may take to tell what the store already shows. */
const BUS_GRACE_MS = 500;
const RETRY_MS = 100;
/** Tries to read what the source has told but the store does not show yet. */
const JOIN_TRIES_MAX = 50;

const tooFarBehind = (): ConflictError =>
  new ConflictError(`More than ${CATCH_UP_EVENTS_MAX} events away. Query again, then subscribe from the newest seq.`);

interface Subscriber {
  readonly channel: Channel<TradingEvent>;
  last: number;
}

interface FactSource {
  readonly head: () => number;
  offer(event: TradingEvent): void;
  attach(last: number, backlog: readonly TradingEvent[], onEnd: () => void): Channel<TradingEvent>;
  close(): void;
}

export function createFacts(deps: FactsDeps): Facts {
  const { store, clock } = deps;
  const sources: Shared<FactSource> = createShared((accountId) => openSource(deps, accountId));

  /** Reads from the store until level with the source, then attaches: nothing can happen in between. */
  const join = async (
    accountId: string,
    source: FactSource,
    afterSeq: number,
    release: () => void,
  ): Promise<Channel<TradingEvent>> => {
    if (Math.abs(source.head() - afterSeq) > CATCH_UP_EVENTS_MAX) throw tooFarBehind();
    const backlog: TradingEvent[] = [];
    let last = afterSeq;
    for (let tries = 0; last < source.head(); tries++) {
      if (tries === JOIN_TRIES_MAX)
        throw new UnavailableError('The newest events cannot be read yet. Subscribe again.');
      const events = await store.readModels.events(accountId, last, CATCH_UP_EVENTS_MAX);
      backlog.push(...events);
      last = events.at(-1)?.seq ?? last;
      if (backlog.length > 2 * CATCH_UP_EVENTS_MAX) throw tooFarBehind();
      if (events.length === 0) await clock.sleep(RETRY_MS);
    }
    return source.attach(last, backlog, release);
  };

  return {
    offer: (event) => sources.get(event.accountId)?.offer(event),
    async subscribe(accountId, afterSeq) {
      const { source, release } = await sources.acquire(accountId);
      try {
        return await join(accountId, source, afterSeq ?? source.head(), release);
      } catch (error) {
        release();
        throw error;
      }
    },
  };
}

async function openSource({ store, clock, log, accounts }: FactsDeps, accountId: string): Promise<FactSource> {
  const subscribers = new Set<Subscriber>();
  const pending = new Map<number, TradingEvent>();
  const closing = new AbortController();
  let head = -1;
  let target = -1;
  let isCatchingUp = false;

  const tell = (event: TradingEvent): void => {
    if (event.seq !== head + 1) return;
    head = event.seq;
    for (const subscriber of subscribers) {
      if (event.seq <= subscriber.last) continue;
      subscriber.last = event.seq;
      subscriber.channel.push(event);
    }
  };
  const tellPending = (): void => {
    for (let next = pending.get(head + 1); next; next = pending.get(head + 1)) tell(next);
    for (const seq of pending.keys()) if (seq <= head) pending.delete(seq);
  };
  const readMissing = async (): Promise<void> => {
    for (const event of await store.readModels.events(accountId, head, CATCH_UP_EVENTS_MAX)) tell(event);
    tellPending();
  };
  const catchUp = async (graceMs: number): Promise<void> => {
    if (isCatchingUp) return;
    isCatchingUp = true;
    await clock.sleep(graceMs, closing.signal);
    while (head < target && !closing.signal.aborted) {
      try {
        await readMissing();
      } catch (error) {
        log.warn({ accountId, error }, 'Missing events cannot be read yet; trying again');
      }
      if (head < target) await clock.sleep(RETRY_MS, closing.signal);
    }
    isCatchingUp = false;
  };

  const leave = await accounts.watch(accountId, ({ account }) => {
    if (head < 0) head = account.seq;
    target = Math.max(target, account.seq);
    if (head < target) void catchUp(BUS_GRACE_MS);
  });
  return {
    head: () => head,
    offer(event) {
      if (event.seq <= head) return;
      target = Math.max(target, event.seq);
      if (pending.size < PENDING_MAX) pending.set(event.seq, event);
      tellPending();
      if (head < target) void catchUp(0);
    },
    attach(last, initial, onLeave) {
      const onEnd = (): void => {
        subscribers.delete(subscriber);
        onLeave();
      };
      const channel = createChannel({ capacity: FACTS_QUEUED_MAX, initial, overflow: tooFarBehind, onEnd });
      const subscriber: Subscriber = { channel, last };
      subscribers.add(subscriber);
      return channel;
    },
    close() {
      closing.abort();
      leave();
    },
  };
}
