/**
 * Who is signed in. The access token is held in memory only; the refresh token is a cookie that scripts cannot read.
 * The token is renewed on load and a minute before it ends.
 */
import type { Api } from '../api/client.js';
import { errorOf } from '../api/errors.js';
import type { User } from '../api/fragments.js';
import { changePasswordMutation, loginMutation, logoutMutation, refreshMutation } from '../api/operations.js';
import { backoffMs } from '../live/backoff.js';
import type { Timing } from '../live/timing.js';

/** Access tokens live 15 minutes: never wait longer, whatever this machine's clock says. */
const RENEW_AFTER_MAX_MS = 14 * 60_000;
const RENEW_AFTER_MIN_MS = 20_000;
/** Renewed this long before the end. */
const RENEW_AHEAD_MS = 60_000;

export type SessionState =
  /** `problem`: why it takes long; null at first. */
  | { readonly phase: 'starting'; readonly problem: string | null }
  /** `notice`: why one has to sign in again; null after a plain start or logout. */
  | { readonly phase: 'signed-out'; readonly notice: string | null }
  | { readonly phase: 'signed-in'; readonly user: User };

interface Grant {
  readonly accessToken: string;
  readonly expiresAt: string;
  readonly user: User;
}

type Renewal = 'renewed' | 'signed-out' | 'unreachable';

export class Session {
  readonly #api: Api;
  readonly #timing: Timing;
  readonly #listeners = new Set<() => void>();
  #state = $state.raw<SessionState>({ phase: 'starting', problem: null });
  #accessToken: string | null = null;
  #renewing: Promise<Renewal> | null = null;
  #cancelTimer: (() => void) | null = null;
  #attempt = 0;

  constructor(api: Api, timing: Timing) {
    this.#api = api;
    this.#timing = timing;
  }

  get state(): SessionState {
    return this.#state;
  }

  get user(): User | null {
    return this.#state.phase === 'signed-in' ? this.#state.user : null;
  }

  /** The Authorization header; null while nobody is signed in. */
  get authorization(): string | null {
    return this.#accessToken === null ? null : `Bearer ${this.#accessToken}`;
  }

  /** Called after every renewal by time: the moment to open a new socket. */
  onRenewed(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Goes on with the session that the cookie stands for; tries again while the API does not answer. */
  async start(): Promise<void> {
    await this.#renewOrRetry();
  }

  stop(): void {
    this.#cancelTimer?.();
  }

  /** @throws ApiError that says why not */
  async login(username: string, password: string): Promise<void> {
    const { login } = await this.#api.authenticate(loginMutation, { username, password });
    this.#take(login);
  }

  /** Signs out here in any case, and says so where the API could not be told. */
  async logout(): Promise<void> {
    const problem = await this.#api.authenticate(logoutMutation, {}).then(
      () => null,
      (error: unknown) => `Signed out in this page only: ${errorOf(error).message}`,
    );
    await this.#end(problem);
  }

  /** @throws ApiError that says why not */
  async changePassword(current: string, next: string): Promise<void> {
    await this.#api.mutate(changePasswordMutation, { current, next });
    const renewal = await this.#renewOnce();
    if (renewal === 'signed-out') await this.#end('Your password is changed. Sign in with the new one.');
    else for (const listener of this.#listeners) listener();
  }

  /** Gets a new access token; callers at the same time share one request. False when none could be got. */
  async renew(): Promise<boolean> {
    return (await this.#renewOnce()) === 'renewed';
  }

  async #renewOrRetry(): Promise<void> {
    const renewal = await this.#renewOnce();
    if (renewal === 'renewed') for (const listener of this.#listeners) listener();
    if (renewal !== 'unreachable') return;
    if (this.#state.phase === 'starting') {
      this.#state = { phase: 'starting', problem: 'The API does not answer yet. Trying again.' };
    }
    this.#schedule(backoffMs(this.#attempt, this.#timing.random()));
    this.#attempt += 1;
  }

  #renewOnce(): Promise<Renewal> {
    this.#renewing ??= this.#refresh().finally(() => {
      this.#renewing = null;
    });
    return this.#renewing;
  }

  async #refresh(): Promise<Renewal> {
    try {
      const { refresh } = await this.#api.authenticate(refreshMutation, {});
      this.#take(refresh);
      return 'renewed';
    } catch (error) {
      const { code } = errorOf(error);
      if (code !== 'UNAUTHENTICATED' && code !== 'FORBIDDEN') return 'unreachable';
      const wasSignedIn = this.#state.phase === 'signed-in';
      await this.#end(wasSignedIn ? 'Your session has ended. Sign in again.' : null);
      return 'signed-out';
    }
  }

  #take(grant: Grant): void {
    this.#accessToken = grant.accessToken;
    this.#attempt = 0;
    this.#state = { phase: 'signed-in', user: grant.user };
    const left = Date.parse(grant.expiresAt) - this.#timing.wall() - RENEW_AHEAD_MS;
    this.#schedule(Math.min(RENEW_AFTER_MAX_MS, Math.max(RENEW_AFTER_MIN_MS, left)));
  }

  #schedule(ms: number): void {
    this.#cancelTimer?.();
    this.#cancelTimer = this.#timing.after(ms, () => void this.#renewOrRetry());
  }

  async #end(notice: string | null): Promise<void> {
    this.#cancelTimer?.();
    this.#accessToken = null;
    this.#state = { phase: 'signed-out', notice };
    await this.#api.forget();
  }
}
