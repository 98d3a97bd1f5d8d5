/** What the trader has committed so far: looked at often, read only when it has changed. */
import type { AccountView, Clock, Log, Progress, Store } from '@kairos/ports';
import type { PriceBook } from '@kairos/schema';

export interface CommittedState {
  readonly progress: Progress | null;
  readonly books: readonly PriceBook[];
}

export interface Committed {
  /** Resolves after the first look, whether the store answered or not. */
  start(): Promise<void>;
  stop(): Promise<void>;
  current(): CommittedState;
  /** Accounts as of a few seconds ago at most, while the store answers. */
  knownAccounts(): readonly AccountView[];
}

export interface CommittedDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
}

/** How often the store is asked whether something was committed. */
const LOOK_EVERY_MS = 50;
const RETRY_MS = 500;
/** How old the list of all accounts may be. */
const ACCOUNTS_AGE_MAX_MS = 5_000;

/** `onChange` is awaited before the next look, so that what it reads is never piled up. */
export function createCommitted(
  { store, clock, log }: CommittedDeps,
  onChange: (before: CommittedState, after: CommittedState) => Promise<void>,
): Committed {
  const { readModels } = store;
  const stopping = new AbortController();
  let version: string | null = null;
  let state: CommittedState = { progress: null, books: [] };
  let accounts: readonly AccountView[] = [];
  let accountsReadAt = -Infinity;
  let accountsVersion: string | null = null;
  let running: Promise<void> = Promise.resolve();
  let isAnswering = true;

  const readAccounts = async (found: string): Promise<void> => {
    if (found === accountsVersion || clock.monotonicMs() - accountsReadAt < ACCOUNTS_AGE_MAX_MS) return;
    accounts = await readModels.accounts();
    accountsReadAt = clock.monotonicMs();
    accountsVersion = found;
  };
  const look = async (): Promise<void> => {
    const found = await readModels.version();
    await readAccounts(found);
    if (found === version) return;
    const before = state;
    const [progress, books] = await Promise.all([readModels.progress(), readModels.prices()]);
    state = { progress, books };
    await onChange(before, state);
    version = found;
  };
  const lookAndWait = async (): Promise<void> => {
    try {
      await look();
      if (!isAnswering) log.info({}, 'The store answers again');
      isAnswering = true;
      await clock.sleep(LOOK_EVERY_MS, stopping.signal);
    } catch (error) {
      if (isAnswering) log.warn({ error }, 'The store does not answer; trying again');
      isAnswering = false;
      await clock.sleep(RETRY_MS, stopping.signal);
    }
  };
  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) await lookAndWait();
  };

  return {
    async start() {
      await look().catch((error: unknown) => log.warn({ error }, 'The store does not answer yet'));
      running = run();
    },
    async stop() {
      stopping.abort();
      await running;
    },
    current: () => state,
    knownAccounts: () => accounts,
  };
}
