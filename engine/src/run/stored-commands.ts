/**
 * Commands that wait in the store because the bus was down when they were given. They need no signature: only those who
 * hold the store's keys can have put them there. One is done with when every account that it is for has taken it, which
 * the read models say once it is committed: whoever sees that says so, over crashes and whichever process owns what.
 */
import type { Clock, Log, SentCommand, Store } from '@kairos/ports';
import { isPortError } from '@kairos/ports';
import type { World } from '@kairos/schema';

/**
 * How often they are looked for, once for all shards of a process: well below how long a shard waits for input, as each
 * looks when it wakes.
 */
const LOOK_MS = 250;
/** How long a command may be on its way to the bus before it is taken from the store: it is to be obeyed within 2 s. */
const ON_ITS_WAY_MS = 750;

export interface StoredCommands {
  /** For one shard: what has been found since it last asked. */
  follow(ownsAccount: (accountId: string) => boolean): StoredCommandsOfShard;
}

export interface StoredCommandsOfShard {
  /** Commands with those of the shard's accounts that have not taken them yet; most often none. */
  due(): Promise<readonly SentCommand[]>;
  /** Says that a command is done with, if it is. To be called when its part has been committed. */
  settle(command: SentCommand): Promise<void>;
}

export function createStoredCommands(
  { store, clock, log }: { readonly store: Store; readonly clock: Clock; readonly log: Log },
  world: World,
): StoredCommands {
  let lookedAt = -Infinity;
  let looks = 0;
  let waiting: readonly SentCommand[] = [];

  /** A store that does not answer is asked again. */
  const asked = async <T>(question: () => Promise<T>, otherwise: T): Promise<T> => {
    try {
      return await question();
    } catch (error) {
      if (!isPortError(error) || !error.isRetriable) throw error;
      log.debug({ code: error.code }, `cannot look for stored commands: ${error.message}`);
      return otherwise;
    }
  };

  const look = async (): Promise<void> => {
    if (clock.monotonicMs() - lookedAt < LOOK_MS) return;
    lookedAt = clock.monotonicMs();
    const found = await asked(() => store.app.commands.waiting(world), []);
    waiting = found.filter(({ sentAt }) => clock.now() - sentAt >= ON_ITS_WAY_MS);
    looks += 1;
  };

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
    log.info({ command: stored.command.id }, 'obeyed from the store, as the bus was down');
    return [];
  };

  return {
    follow(ownsAccount) {
      let seen = 0;
      /** Of those that still wait, those whose part has been committed here: read models may show it a little later. */
      let done: readonly string[] = [];
      return {
        async due() {
          await look();
          if (looks === seen) return [];
          seen = looks;
          const due: SentCommand[] = [];
          const found = waiting;
          done = done.filter((id) => found.some(({ command }) => command.id === id));
          for (const stored of found) {
            const accountIds = (await settle(stored)).filter(ownsAccount);
            if (accountIds.length > 0 && !done.includes(stored.command.id)) due.push({ ...stored, accountIds });
          }
          return due;
        },
        async settle({ command }) {
          done = [...done, command.id];
          const whole = waiting.find((stored) => stored.command.id === command.id);
          if (whole) await settle(whole);
        },
      };
    },
  };
}
