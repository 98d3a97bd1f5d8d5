/** What one signed-in person sees: their accounts, the one shown, the instruments and how the system is. */
import type { Account, SystemStatus } from '../api/fragments.js';
import { errorOf } from '../api/errors.js';
import type { ResultOf } from '../api/graphql.js';
import { accountsQuery, instrumentsQuery } from '../api/operations.js';
import { systemSubscription } from '../api/subscriptions.js';
import { backoffMs } from './backoff.js';
import type { Stream } from './stream.js';
import type { DeskDeps } from './desk.svelte.js';
import { Desk, STREAM_RETRY_MS } from './desk.svelte.js';
import type { Inbox } from './newest.js';
import { createInbox } from './newest.js';
import type { SystemState } from './system.js';
import { noSystem, reduceSystem } from './system.js';

type Instrument = NonNullable<ResultOf<typeof instrumentsQuery>['instruments']>[number];

export class Workspace {
  readonly #deps: DeskDeps;
  readonly #frames: Inbox<SystemStatus>;
  #accounts = $state.raw<readonly Account[]>([]);
  #desk = $state.raw<Desk | null>(null);
  #system = $state.raw<SystemState>(noSystem);
  #instruments = $state.raw<ReadonlyMap<string, Instrument>>(new Map());
  #problem = $state.raw<string | null>(null);
  #stream: Stream | null = null;
  #cancel: (() => void) | null = null;
  #attempt = 0;
  #isStarted = false;

  constructor(deps: DeskDeps) {
    this.#deps = deps;
    this.#frames = createInbox(deps.painter, 1, (frames) => {
      for (const frame of frames) this.#system = reduceSystem(this.#system, frame, deps.timing.now());
    });
  }

  get accounts(): readonly Account[] {
    return this.#accounts;
  }
  /** The account shown; null until it is known. */
  get desk(): Desk | null {
    return this.#desk;
  }
  get system(): SystemState {
    return this.#system;
  }
  /** Why no account is shown yet; null while it is being asked for. */
  get problem(): string | null {
    return this.#problem;
  }

  /** Decimals of a symbol's prices; null while the instrument is not known. */
  priceDecimals(symbol: string): number | null {
    return this.#instruments.get(symbol)?.priceDecimals ?? null;
  }

  start(): void {
    if (this.#isStarted) return;
    this.#isStarted = true;
    this.#stream = this.#deps.connection.stream({
      document: systemSubscription,
      variables: () => ({}),
      next: ({ systemChanged }) => this.#frames.push(systemChanged),
      failed: () => this.#after(STREAM_RETRY_MS, () => this.#stream?.restart()),
    });
    void this.#load();
  }

  stop(): void {
    this.#isStarted = false;
    this.#cancel?.();
    this.#frames.stop();
    this.#stream?.stop();
    this.#desk?.stop();
    this.#deps.commands.stop();
    this.#desk = null;
    this.#accounts = [];
    this.#system = noSystem;
  }

  /** Shows another account. Does nothing when it is not one of the viewer's. */
  select(accountId: string): void {
    const account = this.#accounts.find((one) => one.id === accountId);
    if (!account || account.id === this.#desk?.accountId) return;
    this.#desk?.stop();
    this.#desk = new Desk(this.#deps, account);
    this.#desk.start();
  }

  async #load(): Promise<void> {
    try {
      const { data, errors } = await this.#deps.api.query(accountsQuery, {});
      if (!this.#isStarted) return;
      this.#accounts = data.accounts ?? [];
      const first = this.#accounts.find((account) => account.id === data.own?.id) ?? this.#accounts[0];
      if (!first) return this.#again(errors[0]?.message ?? 'Your account is being opened.');
      this.#problem = null;
      this.select(first.id);
      await this.#loadInstruments();
    } catch (error) {
      this.#again(errorOf(error).message);
    }
  }

  async #loadInstruments(): Promise<void> {
    const { data } = await this.#deps.api.queryOnce(instrumentsQuery, {});
    this.#instruments = new Map(data.instruments?.map((instrument) => [instrument.symbol, instrument]));
  }

  #again(problem: string): void {
    if (!this.#isStarted) return;
    this.#problem = problem;
    this.#after(backoffMs(this.#attempt, this.#deps.timing.random()), () => void this.#load());
    this.#attempt += 1;
  }

  #after(ms: number, run: () => void): void {
    this.#cancel?.();
    this.#cancel = this.#deps.timing.after(ms, run);
  }
}
