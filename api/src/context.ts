/** What every resolver is given. */
import type { Bus, Clock, Log, Role, Store } from '@kairos/ports';
import type { Config, World } from '@kairos/schema';
import type { LiveWorld } from './live/live-world.js';

/** Who asks. */
export interface Viewer {
  readonly userId: string;
  readonly username: string;
  readonly role: Role;
  readonly mustChangePassword: boolean;
  /** Accounts that a VIEWER may read. */
  readonly grantedAccountIds: readonly string[];
  /** The login that the token stems from. */
  readonly familyId: string;
  /** Epoch milliseconds. */
  readonly tokenExpiresAt: number;
}

/** What the process was put together from. */
export interface ApiDeps {
  readonly config: Config;
  readonly world: World;
  readonly bus: Bus;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly live: LiveWorld;
}

/** How an operation reached us. Cookies are read and set over HTTP only. */
export interface Transport {
  readonly kind: 'http' | 'socket';
  /** The peer's address, behind trusted proxies the client's. */
  readonly address: string;
  readonly isSecure: boolean;
  readonly refreshToken: string | null;
  setRefreshCookie(token: string | null, expiresAt: Date): void;
}

export interface ApiContext {
  readonly deps: ApiDeps;
  /** Null before login. */
  readonly viewer: Viewer | null;
  readonly transport: Transport;
  /** Loaders and other per-operation memory, by name. */
  readonly memo: Map<string, unknown>;
}
