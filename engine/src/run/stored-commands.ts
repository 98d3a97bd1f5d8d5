/**
 * Commands that wait in the store because the bus was down when they were given. They need no signature: only those who
 * hold the store's keys can have put them there. One is done with when every account that it is for has taken it, which
 * the read models say once it is committed: who owns one of them and sees that says so, over crashes and in any process.
 */
import type { Clock, Log, SentCommand, Store } from '@kairos/ports';
import { isPortError, OVER } from '@kairos/ports';
import type { World } from '@kairos/schema';

/** How often they are looked for, once for all shards of a process: a STOP_BOT is to block entries within 250 ms. */
const LOOK_MS = 150;
/** How long a command other than STOP_BOT, which nothing is to outrun, may be on its way to the bus before it is taken. */
const ON_ITS_WAY_MS = 750;

export interface StoredCommands {
  /** For one shard, until it stops: `wake` is called when `due` has something new to say. */
  follow(ownsAccount: (accountId: string) => boolean, wake: () => void): StoredCommandsOfShard;
}

export interface StoredCommandsOfShard {
  /** Commands with those of the shard's accounts that have not taken them yet; most often none. */
  due(): Promise<readonly SentCommand[]>;
  /** Says that a command is done with, if it is. To be called when its part has been committed. */
  settle(command: SentCommand): Promise<void>;
  stop(): void;
}

type StoredCommandsDeps = { readonly store: Store; readonly clock: Clock; readonly log: Log };

export function createStoredCommands(deps: StoredCommandsDeps, world: World): StoredCommands {
  const { store, log } = deps;
  const asked = createAsking(log);
  const lookout = createLookout(deps, world);

  /** The accounts that have not taken it as far as is committed; null when that cannot be told now. */
  const open = ({ command, accountIds }: SentCommand): Promise<readonly string[] | null> =>
    asked(async () => {
      const taken = new Set((await store.readModels.takenCommand(command.id))?.accountIds ?? []);
      return accountIds.filter((accountId) => !taken.has(accountId));
    }, null);

  const settle = async (stored: SentCommand): Promise<readonly string[]> => {
    const left = await open(stored);
    if (left?.length !== 0) return left ?? [];
    await asked(() => store.app.commands.markPublished(stored.command.id), undefined);
    log.info({ command: stored.command.id }, 'obeyed from the store: the bus is down, or was slower');
    return [];
  };

  return {
    follow(ownsAccount, wake) {
      const stop = lookout.join(wake);
      let seen = lookout.looks();
      /** Of those that still wait, those whose part has been committed here: read models may show it a little later. */
      let done: readonly string[] = [];
      return {
        async due() {
          const found = lookout.found();
          if (lookout.looks() === seen) return [];
          seen = lookout.looks();
          const due: SentCommand[] = [];
          done = done.filter((id) => found.some(({ command }) => command.id === id));
          for (const stored of found.filter((each) => each.accountIds.some(ownsAccount))) {
            const accountIds = (await settle(stored)).filter(ownsAccount);
            if (accountIds.length > 0 && !done.includes(stored.command.id)) due.push({ ...stored, accountIds });
          }
          return due;
        },
        async settle({ command }) {
          done = [...done, command.id];
          const whole = lookout.found().find((stored) => stored.command.id === command.id);
          if (whole) await settle(whole);
        },
        stop,
      };
    },
  };
}

/** Asks the store; one that does not answer is asked again, and `otherwise` is the answer until then. */
const createAsking =
  (log: Log) =>
  async <T>(question: () => Promise<T>, otherwise: T): Promise<T> => {
    try {
      return await question();
    } catch (error) {
      if (!isPortError(error) || !error.isRetriable) throw error;
      log.debug({ code: error.code }, `cannot look for stored commands: ${error.message}`);
      return otherwise;
    }
  };

/** Looks for commands in the store as long as anybody has joined it, and wakes those who have when there are any. */
function createLookout({ store, clock, log }: StoredCommandsDeps, world: World) {
  const asked = createAsking(log);
  const wakes = new Set<() => void>();
  let looking: AbortController | null = null;
  let looks = 0;
  let waiting: readonly SentCommand[] = [];
  let failure: Error | null = null;

  const isDue = ({ command, sentAt }: SentCommand): boolean =>
    command.action === 'STOP_BOT' || clock.now() - sentAt >= ON_ITS_WAY_MS;

  const run = async (signal: AbortSignal): Promise<void> => {
    while (!signal.aborted) {
      const found = await asked(() => store.app.commands.waiting(world), []);
      if (signal.aborted) return;
      waiting = found.filter(isDue);
      looks += 1;
      if (waiting.length > 0) for (const wake of wakes) wake();
      await clock.sleep(LOOK_MS, signal);
    }
  };

  const start = (): AbortController => {
    const stopping = new AbortController();
    failure = null;
    run(stopping.signal).catch((error: unknown) => {
      failure = error instanceof Error ? error : new Error(String(error));
      for (const wake of wakes) wake();
    });
    return stopping;
  };

  return {
    /** Returns how to leave. */
    join(wake: () => void): () => void {
      wakes.add(wake);
      looking ??= start();
      return () => {
        wakes.delete(wake);
        if (wakes.size > 0) return;
        looking?.abort(OVER);
        looking = null;
      };
    },
    /** Counts up with every look. */
    looks: () => looks,
    /** What waits as of the newest look. @throws what has ended the looking */
    found(): readonly SentCommand[] {
      if (failure !== null) throw failure;
      return waiting;
    },
  };
}
