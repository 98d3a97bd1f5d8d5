/** What the memory store keeps for people: maps, with the conditions of the interface. */
import { commandTaken, userChanged, userTaken } from '../app-rules.js';
import type {
  AppStore,
  Audit,
  AuditEntry,
  Counters,
  Facts,
  SentCommand,
  SentCommands,
  Sessions,
  StoredSession,
  StoredUser,
  Users,
} from '../app-store.js';
import type { Sync } from '../promised.js';

export type SyncAppStore = { readonly [K in keyof AppStore]: Sync<AppStore[K]> };

export const createMemoryAppStore = (): SyncAppStore => ({
  users: createUsers(),
  sessions: createSessions(),
  commands: createCommands(),
  audit: createAudit(),
  counters: createCounters(),
  facts: createFacts(),
});

function createUsers(): Sync<Users> {
  const users = new Map<string, StoredUser>();
  const byName = (name: string) => [...users.values()].find((user) => user.normalizedName === name) ?? null;
  return {
    byId: (id) => users.get(id) ?? null,
    byName,
    list: () => [...users.values()],
    insert(user) {
      if (users.has(user.id) || byName(user.normalizedName)) throw userTaken(user);
      users.set(user.id, user);
    },
    replace(user, expectedVersion) {
      if (users.get(user.id)?.tokenVersion !== expectedVersion) throw userChanged(user, expectedVersion);
      const namesake = byName(user.normalizedName);
      if (namesake && namesake.id !== user.id) throw userTaken(user);
      users.set(user.id, user);
    },
  };
}

function createSessions(): Sync<Sessions> {
  const sessions = new Map<string, StoredSession>();
  const revoke = (isConcerned: (session: StoredSession) => boolean) => {
    for (const [hash, session] of sessions)
      if (isConcerned(session)) sessions.set(hash, { ...session, isRevoked: true });
  };
  return {
    byHash: (hash) => sessions.get(hash) ?? null,
    insert: (session) => void sessions.set(session.tokenHash, session),
    rotate(tokenHash, rotatedAt, successor, next) {
      const session = sessions.get(tokenHash);
      if (!session || session.rotatedAt !== null || session.isRevoked) return false;
      sessions.set(tokenHash, { ...session, rotatedAt, successor });
      sessions.set(next.tokenHash, next);
      return true;
    },
    revokeFamily: (familyId) => revoke((session) => session.familyId === familyId),
    revokeUser: (userId) => revoke((session) => session.userId === userId),
    isFamilyLive: (familyId, now) =>
      [...sessions.values()].some((row) => row.familyId === familyId && !row.isRevoked && row.expiresAt > now),
    deleteExpired(before) {
      for (const [hash, session] of sessions) if (session.expiresAt < before) sessions.delete(hash);
    },
  };
}

function createCommands(): Sync<SentCommands> {
  const commands = new Map<string, SentCommand>();
  const ofWorld = (world: string) => [...commands.values()].filter((sent) => sent.world === world);
  return {
    insert(sent) {
      if (commands.has(sent.command.id)) throw commandTaken(sent.command.id);
      commands.set(sent.command.id, sent);
    },
    markPublished(id) {
      const sent = commands.get(id);
      if (sent) commands.set(id, { ...sent, isPublished: true });
    },
    byId: (id) => commands.get(id) ?? null,
    list: (world, accountId, last) =>
      ofWorld(world)
        .filter((sent) => accountId === null || sent.accountIds.includes(accountId))
        .reverse()
        .slice(0, last),
    waiting: (world) => ofWorld(world).filter((sent) => !sent.isPublished),
  };
}

function createAudit(): Sync<Audit> {
  const entries: AuditEntry[] = [];
  return {
    append: (entry) => void entries.push(entry),
    list: (last) => entries.slice(-last).reverse(),
  };
}

function createCounters(): Sync<Counters> {
  const counters = new Map<string, { count: number; endsAt: number }>();
  type Window = ReturnType<Sync<Counters>['increment']>;
  const live = (key: string, now: number): Window | null => {
    const counter = counters.get(key);
    return counter && counter.endsAt > now ? ({ ...counter } as Window) : null;
  };
  return {
    increment(key, windowMs, now) {
      const stored = live(key, now);
      counters.set(key, { count: (stored?.count ?? 0) + 1, endsAt: stored?.endsAt ?? now + windowMs });
      return live(key, now)!;
    },
    read: live,
    clear: (key) => void counters.delete(key),
  };
}

function createFacts(): Sync<Facts> {
  const facts = new Map<string, string>();
  const keyOf = (world: string, name: string) => `${world}\n${name}`;
  const get = (world: string, name: string): unknown => {
    const stored = facts.get(keyOf(world, name));
    return stored === undefined ? undefined : JSON.parse(stored);
  };
  return {
    get,
    put: (world, name, value) => void facts.set(keyOf(world, name), JSON.stringify(value)),
    putIfAbsent(world, name, value) {
      if (!facts.has(keyOf(world, name))) facts.set(keyOf(world, name), JSON.stringify(value));
      return get(world, name);
    },
  };
}
