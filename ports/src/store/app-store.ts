/** What the API keeps for people and sessions, whatever the world. */
import type { Command, Instant, World } from '@kairos/schema';

export const ROLES = ['ADMIN', 'TRADER', 'VIEWER'] as const;
export type Role = (typeof ROLES)[number];

export interface StoredUser {
  /** A function of the username, so that a fresh store makes the same accounts again. */
  readonly id: string;
  /** As typed; compared by `normalizedName` (NFKC, trimmed, lower case), which is unique. */
  readonly username: string;
  readonly normalizedName: string;
  readonly role: Role;
  readonly passwordHash: string;
  /** Counts up with every change of password, role or standing: tokens of an older one are refused. */
  readonly tokenVersion: number;
  readonly mustChangePassword: boolean;
  readonly isDisabled: boolean;
  /** Accounts that a VIEWER may read. */
  readonly grantedAccountIds: readonly string[];
  readonly createdAt: Instant;
}

export interface Users {
  byId(id: string): Promise<StoredUser | null>;
  byName(normalizedName: string): Promise<StoredUser | null>;
  list(): Promise<readonly StoredUser[]>;
  /** @throws PortError CONFLICT when id or name exist. */
  insert(user: StoredUser): Promise<void>;
  /** Replaces the user whose tokenVersion is still `expectedVersion`. @throws PortError CONFLICT otherwise. */
  replace(user: StoredUser, expectedVersion: number): Promise<void>;
}

/** A refresh token: only its hash is kept. Tokens of one login form a family. */
export interface StoredSession {
  readonly tokenHash: string;
  readonly familyId: string;
  readonly userId: string;
  readonly tokenVersion: number;
  readonly createdAt: Instant;
  readonly expiresAt: Instant;
  /** When it was exchanged, and the encrypted successor to repeat within the grace time; null while unused. */
  readonly rotatedAt: Instant | null;
  readonly successor: string | null;
  readonly isRevoked: boolean;
}

export interface Sessions {
  byHash(tokenHash: string): Promise<StoredSession | null>;
  insert(session: StoredSession): Promise<void>;
  /**
   * Marks a session as exchanged and inserts its successor, in one step; false when it was exchanged before, has been
   * revoked or is gone.
   */
  rotate(tokenHash: string, rotatedAt: Instant, successor: string, next: StoredSession): Promise<boolean>;
  revokeFamily(familyId: string): Promise<void>;
  revokeUser(userId: string): Promise<void>;
  /** Whether the family has a session that is neither revoked nor expired. */
  isFamilyLive(familyId: string, now: Instant): Promise<boolean>;
  deleteExpired(before: Instant): Promise<void>;
}

/** A command as it was sent, or as it waits while the bus is down. */
export interface SentCommand {
  readonly command: Command;
  /** The accounts it is for, each with a message of its own. */
  readonly accountIds: readonly string[];
  readonly world: World;
  readonly sentAt: Instant;
  /** False: the bus was down; it is obeyed from here. */
  readonly isPublished: boolean;
}

export interface SentCommands {
  /** @throws PortError CONFLICT when the id exists. */
  insert(command: SentCommand): Promise<void>;
  markPublished(id: string): Promise<void>;
  byId(id: string): Promise<SentCommand | null>;
  /** Newest first. */
  list(world: World, accountId: string | null, last: number): Promise<readonly SentCommand[]>;
  /** Commands of a world that wait because the bus was down, oldest first. */
  waiting(world: World): Promise<readonly SentCommand[]>;
}

export interface AuditEntry {
  readonly id: string;
  readonly time: Instant;
  readonly actor: string;
  readonly action: string;
  readonly detail: string;
  readonly accountId: string | null;
}

export interface Audit {
  append(entry: AuditEntry): Promise<void>;
  /** Newest first. */
  list(last: number): Promise<readonly AuditEntry[]>;
}

/** Counters that forget, such as failed logins per name and per address; they survive restarts. */
export interface Counters {
  /** Adds one and returns the count within the window that began with the first, and when it ends. */
  increment(key: string, windowMs: number, now: Instant): Promise<{ readonly count: number; readonly endsAt: Instant }>;
  read(key: string, now: Instant): Promise<{ readonly count: number; readonly endsAt: Instant } | null>;
  clear(key: string): Promise<void>;
}

/** Small JSON documents of a world that processes share: instruments, a simulator's seed and start. */
export interface Facts {
  /** Undefined where there is none. */
  get(world: World, name: string): Promise<unknown>;
  put(world: World, name: string, value: unknown): Promise<void>;
  /** Stores the value unless there is one; returns what is stored then. */
  putIfAbsent(world: World, name: string, value: unknown): Promise<unknown>;
}

export interface AppStore {
  readonly users: Users;
  readonly sessions: Sessions;
  readonly commands: SentCommands;
  readonly audit: Audit;
  readonly counters: Counters;
  readonly facts: Facts;
}
