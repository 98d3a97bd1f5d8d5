/** Reads a journal on and on as a spectator, and knows what every panic must keep to. */
import type { JournalEntry, Store } from '@kairos/ports';
import { isPortError, shardOf } from '@kairos/ports';
import type { TradingEvent, TradingStatus } from '@kairos/schema';
import { until } from './replay-world.fixture.js';

/** An event, and the entry that committed it. */
export interface Told {
  readonly event: TradingEvent;
  readonly entry: number;
}

/** An account as its events have it; denials are counted, not kept. */
export interface AccountSeen {
  /** Null before it is open. */
  readonly status: TradingStatus | null;
  /** Ids of open trades. */
  readonly open: ReadonlySet<string>;
  readonly told: readonly Told[];
  /** Signals denied, by reason. */
  readonly denied: ReadonlyMap<string, number>;
}

export interface Follower {
  /** As of the newest entry that could be read. */
  look(accountId: string): Promise<AccountSeen>;
  /** Next offset to take by cursor, as the account's shard has committed it. */
  positions(accountId: string): Readonly<Record<string, number>>;
  /**
   * Wall time by which an entry was durable: when the next one of the shard was put together, as one is not begun before
   * the one before it is committed. Null while there is no next one.
   */
  durableAt(told: Told): number | null;
  /** Looks until it holds for every one of the accounts. */
  until(what: string, accountIds: readonly string[], holds: Holds, msMax: number): Promise<void>;
}

export type Holds = (account: AccountSeen) => boolean;

const ENTRIES = 50;

interface Seen extends AccountSeen {
  status: TradingStatus | null;
  readonly open: Set<string>;
  readonly told: Told[];
  readonly denied: Map<string, number>;
}

interface ShardSeen {
  entry: number;
  readonly positions: Record<string, number>;
  readonly committedAt: Map<number, number>;
}

export function createFollower(store: Store): Follower {
  const accounts = new Map<string, Seen>();
  const shards = new Map<number, ShardSeen>();
  const seenOf = (id: string): Seen => {
    const seen = accounts.get(id) ?? { status: null, open: new Set(), told: [], denied: new Map() };
    accounts.set(id, seen);
    return seen;
  };
  const shardSeen = (accountId: string): ShardSeen => {
    const shard = shardOf(accountId, store.shards);
    const seen = shards.get(shard) ?? { entry: 0, positions: {}, committedAt: new Map() };
    shards.set(shard, seen);
    return seen;
  };

  /** A store that does not answer shows what it has shown. */
  const more = async (accountId: string): Promise<readonly JournalEntry[]> => {
    try {
      return await store.journal.read(shardOf(accountId, store.shards), shardSeen(accountId).entry, ENTRIES);
    } catch (error) {
      if (isPortError(error) && error.isRetriable) return [];
      throw error;
    }
  };

  const follower: Follower = {
    async look(accountId) {
      const shard = shardSeen(accountId);
      for (;;) {
        const entries = await more(accountId);
        for (const { entry, events, positions, committedAt } of entries) {
          shard.committedAt.set(entry, committedAt);
          Object.assign(shard.positions, positions);
          shard.entry = entry;
          for (const event of events) note(seenOf(event.accountId), { event, entry });
        }
        if (entries.length < ENTRIES) return seenOf(accountId);
      }
    },
    durableAt: ({ event, entry }) => shardSeen(event.accountId).committedAt.get(entry + 1) ?? null,
    positions: (accountId) => shardSeen(accountId).positions,
    async until(what, accountIds, holds, msMax) {
      for (const id of accountIds) await until(`${what} (${id})`, async () => holds(await follower.look(id)), msMax);
    },
  };
  return follower;
}

function note(seen: Seen, told: Told): void {
  const { type, account, trade, decision } = told.event;
  seen.status = account.status;
  if (type === 'SIGNAL_DECIDED') {
    const reason = decision?.reason ?? 'none';
    seen.denied.set(reason, (seen.denied.get(reason) ?? 0) + 1);
    return;
  }
  if (type === 'TRADE_OPENED' && trade) seen.open.add(trade.id);
  if (type === 'TRADE_CLOSED' && trade) seen.open.delete(trade.id);
  seen.told.push(told);
}

/** The events that a command has caused. */
export const causedBy = ({ told }: AccountSeen, commandId: string): readonly Told[] =>
  told.filter(({ event }) => event.causedBy === commandId);

/** Whether a command has caused an event of this type. */
export const hasCaused = (account: AccountSeen, commandId: string, type: TradingEvent['type']): boolean =>
  causedBy(account, commandId).some(({ event }) => event.type === type);

/**
 * What an account has done that no panic allows: opened anything between STOPPING and the next RESUMED, closed anything
 * in the entry of its STOPPING or before, closed a position twice or not at all, been STOPPED with one open.
 */
export function flawsOfPanic({ told }: AccountSeen): readonly string[] {
  const flaws: string[] = [];
  const open = new Set<string>();
  let stoppingIn: number | null = null;
  for (const { event, entry } of told) {
    const { type, trade, id } = event;
    if (type === 'TRADING_STOPPING') stoppingIn ??= entry;
    if (type === 'TRADING_RESUMED') stoppingIn = null;
    if (type === 'TRADE_OPENED' && stoppingIn !== null) flaws.push(`${id} opens a position after entry ${stoppingIn}`);
    if (type === 'TRADE_OPENED') open.add(trade!.id);
    if (type === 'TRADE_CLOSED' && !open.delete(trade!.id)) flaws.push(`${id} closes ${trade!.id}, which is not open`);
    if (type === 'TRADE_CLOSED' && trade!.exitReason === 'PANIC' && (stoppingIn ?? entry) >= entry)
      flaws.push(`${id} is no later than the STOPPING of entry ${stoppingIn}`);
    if (type === 'TRADING_STOPPED' && open.size > 0) flaws.push(`${id} with ${open.size} positions open`);
  }
  return flaws;
}
