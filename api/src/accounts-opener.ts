/**
 * Sees to it that each TRADER, and the administrator made from ADMIN_USERNAME, has a PAPER account in this world: asks
 * for it with OPEN_ACCOUNT until the read models show it. Account and command are functions of world and user, so asking
 * again changes nothing.
 */
import type { Bus, Clock, Log, Service, Store, StoredUser } from '@kairos/ports';
import { isPortError, signCommand } from '@kairos/ports';
import type { Command, Config, World } from '@kairos/schema';
import { encodeCommand, TOPICS } from '@kairos/schema';
import { normalizeName, sha256 } from './auth/names.js';

/** How often it looks for users without an account. */
export const LOOK_INTERVAL_MS = 1_000;
/** It asks again after this long, then after twice as long, up to the longest. */
export const ASK_AGAIN_MS = 5_000;
export const ASK_AGAIN_MS_MAX = 300_000;
const ACCOUNT_NAME = 'Main account';
const ISSUER = 'kairos';

export interface AccountsOpenerDeps {
  readonly config: Config;
  readonly world: World;
  readonly bus: Bus;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
}

/** The id of a user's first account in a world. */
export const firstAccountId = (world: World, userId: string): string =>
  `acc-${sha256(`${world}\n${userId}`).slice(0, 16)}`;

export function createAccountsOpener(deps: AccountsOpenerDeps): Service {
  const { clock, log } = deps;
  const stopping = new AbortController();
  const asked = new Map<string, { times: number; nextAt: number }>();
  let running: Promise<void> = Promise.resolve();

  const ask = async (user: StoredUser) => {
    const before = asked.get(user.id) ?? { times: 0, nextAt: 0 };
    if (clock.monotonicMs() < before.nextAt) return;
    const waitMs = Math.min(ASK_AGAIN_MS * 2 ** before.times, ASK_AGAIN_MS_MAX);
    asked.set(user.id, { times: before.times + 1, nextAt: clock.monotonicMs() + waitMs });
    const command = openAccount(deps, user);
    await deps.bus.publish(TOPICS.commands, [{ key: command.accountId, value: encodeCommand(command) }]);
    log.info({ user: user.username, account: command.accountId }, 'Asked for an account.');
  };

  const look = async () => {
    const missing = await usersWithoutAccount(deps);
    for (const id of asked.keys()) if (!missing.some((user) => user.id === id)) asked.delete(id);
    for (const user of missing) await ask(user);
  };

  const run = async () => {
    while (!stopping.signal.aborted) {
      try {
        await look();
      } catch (error) {
        if (!isPortError(error)) throw error;
        log.warn({ error: error.message }, 'Accounts cannot be asked for now; trying again.');
      }
      await clock.sleep(LOOK_INTERVAL_MS, stopping.signal);
    }
  };

  let settle: { resolve: () => void; reject: (error: unknown) => void };
  const ended = new Promise<void>((resolve, reject) => (settle = { resolve, reject }));
  return {
    async start() {
      running = run().then(
        () => settle.resolve(),
        (error: unknown) => settle.reject(error),
      );
    },
    async stop() {
      stopping.abort();
      await running;
      settle.resolve();
    },
    ended,
  };
}

async function usersWithoutAccount({ store, config }: AccountsOpenerDeps): Promise<readonly StoredUser[]> {
  const adminName = normalizeName(config.ADMIN_USERNAME);
  const [users, accounts] = await Promise.all([store.app.users.list(), store.readModels.accounts()]);
  const owners = new Set(accounts.filter((view) => view.account.mode === 'PAPER').map((view) => view.account.userId));
  const isDue = (user: StoredUser) =>
    user.role === 'TRADER' || (user.role === 'ADMIN' && user.normalizedName === adminName);
  return users.filter((user) => !user.isDisabled && isDue(user) && !owners.has(user.id));
}

function openAccount({ config, world, clock }: AccountsOpenerDeps, user: StoredUser): Command {
  const accountId = firstAccountId(world, user.id);
  const command: Command = {
    id: `open-${accountId}`,
    action: 'OPEN_ACCOUNT',
    accountId,
    tradeId: null,
    settings: null,
    account: { name: ACCOUNT_NAME, mode: 'PAPER', initialBalance: config.INITIAL_BALANCE, userId: user.id },
    issuedBy: ISSUER,
    reason: null,
    time: clock.now(),
    signature: null,
  };
  return config.COMMAND_SECRET === null ? command : signCommand(command, config.COMMAND_SECRET);
}
