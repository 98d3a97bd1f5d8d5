/**
 * Signals that go on and on, each told from every other, and what the journals say of them: which account has decided
 * which of them how often, and how far each has come. Whatever happens to who trades: each once, none left out.
 */
import type { Bus, Doors, JournalEntry, Store } from '@kairos/ports';
import { isPortError, shardOf, systemClock } from '@kairos/ports';
import { encodeCommand, parseMoney, TOPICS } from '@kairos/schema';
import { commandOf } from './panic.fixture.js';
import { flawsOf, journalOf, until } from './replay-world.fixture.js';

export const FLOW_SYMBOLS = ['C0USDT', 'C1USDT', 'C2USDT', 'C3USDT'] as const;
const ENTRIES = 200;

const idOf = (index: number): string => `flow-${index}`;
const indexOf = (id: string): number => Number(/^flow-(\d+)$/.exec(id)?.[1] ?? -1);

export interface Flow {
  /** The newest signal that is known to be on the bus; -1 = none. */
  readonly newest: number;
  /** Failures that have passed. */
  readonly failures: number;
  /** Ends it. @throws what ended it before */
  stop(): Promise<void>;
}

/** Publishes signals that open and close, one every `gapMs`, each until it is acknowledged: some stand there twice. */
export function startFlow(bus: Bus, gapMs: number): Flow {
  let newest = -1;
  let failures = 0;
  let failure: unknown = null;
  const stopping = new AbortController();
  const { signal } = stopping;

  const publish = async (index: number): Promise<void> => {
    const symbol = FLOW_SYMBOLS[Math.floor(index / 2) % FLOW_SYMBOLS.length]!;
    const action = index % 2 === 0 ? 'BUY' : 'SELL';
    const what = { v: 1, id: idOf(index), symbol, action, confidence: 0.9, price: '100', time: systemClock.now() };
    await bus.publish(TOPICS.signals, [
      { key: symbol, value: Buffer.from(JSON.stringify({ ...what, source: 'flow' })) },
    ]);
  };
  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      try {
        await publish(newest + 1);
        newest += 1;
      } catch (error) {
        if (!isPortError(error) || !error.isRetriable) throw error;
        failures += 1;
      }
      await systemClock.sleep(gapMs, signal);
    }
  };
  const running = run().catch((error: unknown) => {
    failure = error;
  });
  return {
    get newest() {
      return newest;
    },
    get failures() {
      return failures;
    },
    async stop() {
      stopping.abort();
      await running;
      if (failure !== null) throw failure as Error;
    },
  };
}

export interface Decisions {
  /** Milliseconds until each account has decided a signal of this number or a later one. */
  msUntil(accountIds: readonly string[], index: number, msMax: number): Promise<number>;
  /** What is not as it must be once every account has decided every signal up to `newest`; nothing of it is reading matter. */
  flaws(accountIds: readonly string[], newest: number): Promise<readonly string[]>;
}

/** Reads journals on, over outages of the store. */
export function createDecisions(store: Store): Decisions {
  const heads = new Map<number, number>();
  const newest = new Map<string, number>();

  const more = async (shard: number): Promise<readonly JournalEntry[]> => {
    try {
      return await store.journal.read(shard, heads.get(shard) ?? 0, ENTRIES);
    } catch (error) {
      if (isPortError(error) && error.isRetriable) return [];
      throw error;
    }
  };
  const look = async (accountId: string): Promise<number> => {
    const shard = shardOf(accountId, store.shards);
    for (const { entry, events } of await more(shard)) {
      heads.set(shard, entry);
      for (const event of events) {
        const index = indexOf(event.causedBy);
        newest.set(event.accountId, Math.max(index, newest.get(event.accountId) ?? -1));
      }
    }
    return newest.get(accountId) ?? -1;
  };

  return {
    async msUntil(accountIds, index, msMax) {
      const began = systemClock.monotonicMs();
      for (const id of accountIds) {
        await until(`${id} has decided signal ${index}`, async () => (await look(id)) >= index, msMax);
      }
      return Math.round(systemClock.monotonicMs() - began);
    },
    async flaws(accountIds, last) {
      const journal = await journalOf(store);
      return [...flawsOf(journal), ...accountIds.flatMap((id) => flawsOfAccount(journal, id, last))];
    },
  };
}

function flawsOfAccount(journal: readonly JournalEntry[], accountId: string, last: number): readonly string[] {
  const events = journal.flatMap((entry) => entry.events).filter((event) => event.accountId === accountId);
  const flaws = events.flatMap(({ seq, id }, index) =>
    seq === index + 1 ? [] : [`${id} comes as event ${index + 1}`],
  );
  const times = new Map<number, number>();
  for (const { causedBy } of events) times.set(indexOf(causedBy), (times.get(indexOf(causedBy)) ?? 0) + 1);
  for (let index = 0; index <= last; index++) {
    const count = times.get(index) ?? 0;
    if (count !== 1) flaws.push(`${accountId} has decided ${idOf(index)} ${count} times`);
  }
  return flaws;
}

/** Asks for one account in every shard, and waits until traders have opened them: nothing that comes then is missed. */
export async function openOnePerShard({ bus, store }: Pick<Doors, 'bus' | 'store'>, msMax: number): Promise<string[]> {
  const names = new Map<number, string>();
  for (let index = 0; names.size < store.shards; index++) {
    const name = `flow-account-${index}`;
    if (!names.has(shardOf(name, store.shards))) names.set(shardOf(name, store.shards), name);
  }
  const accountIds = [...names.values()];
  const records = accountIds.map((accountId) => {
    const account = { name: accountId, mode: 'PAPER', initialBalance: parseMoney('5000'), userId: 'user-1' } as const;
    return { key: accountId, value: encodeCommand(commandOf({ action: 'OPEN_ACCOUNT', accountId, account })) };
  });
  await bus.publish(TOPICS.commands, records);
  const areOpen = async () => (await store.readModels.accounts()).length === accountIds.length;
  await until('the accounts are open', areOpen, msMax);
  return accountIds;
}
