/** The store contract: users, sessions, sent commands, audit, counters and facts. */
import type { Instant } from '@kairos/schema';
import { describe, expect, it } from 'vitest';
import type { StoredSession, StoredUser } from './app-store.js';
import { sampleCommand, SAMPLE_WALL_TIME } from './samples.js';
import type { OpenStoreUnderTest } from './store.contract.js';

const at = (seconds: number): Instant => (SAMPLE_WALL_TIME + seconds * 1000) as Instant;

const user = (name: string, fields: Partial<StoredUser> = {}): StoredUser => ({
  id: `user-${name}`,
  username: name,
  normalizedName: name.toLowerCase(),
  role: 'TRADER',
  passwordHash: '$2b$sample',
  tokenVersion: 1,
  mustChangePassword: false,
  isDisabled: false,
  grantedAccountIds: [],
  createdAt: SAMPLE_WALL_TIME,
  ...fields,
});

const session = (tokenHash: string, fields: Partial<StoredSession> = {}): StoredSession => ({
  tokenHash,
  familyId: 'family-1',
  userId: 'user-1',
  tokenVersion: 1,
  createdAt: at(0),
  expiresAt: at(1000),
  rotatedAt: null,
  successor: null,
  isRevoked: false,
  ...fields,
});

export function appStoreContract(open: OpenStoreUnderTest): void {
  describe('app store', () => {
    usersContract(open);
    sessionsContract(open);
    commandsContract(open);
    countersContract(open);
    factsContract(open);
  });
}

function usersContract(open: OpenStoreUnderTest): void {
  it('finds users by id and by name, and lists them in the order in which they came', async () => {
    await using under = await open();
    const { users } = (await under.connect()).app;
    const zoe = user('Zoe', { grantedAccountIds: ['acc-1'], isDisabled: true });
    await users.insert(zoe);
    await users.insert(user('Adam'));
    expect(await users.byId('user-Zoe')).toEqual(zoe);
    expect(await users.byName('zoe')).toEqual(zoe);
    expect(await users.byName('Zoe')).toBeNull();
    expect(await users.byId('nobody')).toBeNull();
    expect((await users.list()).map((found) => found.username)).toEqual(['Zoe', 'Adam']);
  });

  it.each([
    ['id', user('other', { id: 'user-ann' })],
    ['name', user('ANN', { id: 'user-2' })],
  ])('refuses a second user with the same %s', async (_, second) => {
    await using under = await open();
    const { users } = (await under.connect()).app;
    await users.insert(user('ann'));
    await expect(users.insert(second)).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await users.list()).toEqual([user('ann')]);
  });

  it('replaces a user only at the version that was read', async () => {
    await using under = await open();
    const { users } = (await under.connect()).app;
    await users.insert(user('ann'));
    await users.insert(user('bob'));
    await users.replace(user('ann', { role: 'ADMIN', tokenVersion: 2 }), 1);
    await expect(users.replace(user('ann', { tokenVersion: 3 }), 1)).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(users.replace(user('nobody'), 1)).rejects.toMatchObject({ code: 'CONFLICT' });
    const renamed = user('ann', { normalizedName: 'bob', tokenVersion: 3 });
    await expect(users.replace(renamed, 2)).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await users.byName('ann')).toMatchObject({ role: 'ADMIN', tokenVersion: 2 });
  });
}

function sessionsContract(open: OpenStoreUnderTest): void {
  it('exchanges a session once, however many ask at the same time', async () => {
    await using under = await open();
    const clients = [await under.connect(), await under.connect(), await under.connect()];
    await clients[0]!.app.sessions.insert(session('a'));
    const results = await Promise.all(
      clients.map(({ app }, index) => app.sessions.rotate('a', at(index), `secret ${index}`, session(`next-${index}`))),
    );
    expect(results.filter(Boolean)).toHaveLength(1);
    const winner = results.indexOf(true);
    const { sessions } = clients[0]!.app;
    expect(await sessions.byHash('a')).toEqual(session('a', { rotatedAt: at(winner), successor: `secret ${winner}` }));
    const successors = await Promise.all([0, 1, 2].map((index) => sessions.byHash(`next-${index}`)));
    expect(successors.map((found) => found !== null)).toEqual([0, 1, 2].map((index) => index === winner));
  });

  it('exchanges neither a revoked session nor an unknown one', async () => {
    await using under = await open();
    const { sessions } = (await under.connect()).app;
    await sessions.insert(session('a'));
    await sessions.revokeFamily('family-1');
    expect(await sessions.rotate('a', at(1), 'secret', session('b'))).toBe(false);
    expect(await sessions.rotate('unknown', at(1), 'secret', session('b'))).toBe(false);
    expect(await sessions.byHash('b')).toBeNull();
  });

  it('revokes a family, or everything of a user', async () => {
    await using under = await open();
    const { sessions } = (await under.connect()).app;
    await sessions.insert(session('a'));
    await sessions.insert(session('b', { familyId: 'family-2' }));
    await sessions.insert(session('c', { familyId: 'family-3', userId: 'user-2' }));
    const live = () => Promise.all(['family-1', 'family-2', 'family-3'].map((id) => sessions.isFamilyLive(id, at(1))));
    expect(await live()).toEqual([true, true, true]);
    await sessions.revokeFamily('family-1');
    expect(await live()).toEqual([false, true, true]);
    await sessions.revokeUser('user-1');
    expect(await live()).toEqual([false, false, true]);
    expect(await sessions.byHash('b')).toMatchObject({ isRevoked: true });
  });

  it('counts an expired session as gone, and removes it when asked', async () => {
    await using under = await open();
    const { sessions } = (await under.connect()).app;
    await sessions.insert(session('a', { expiresAt: at(10) }));
    expect(await sessions.isFamilyLive('family-1', at(9))).toBe(true);
    expect(await sessions.isFamilyLive('family-1', at(10))).toBe(false);
    await sessions.deleteExpired(at(10));
    expect(await sessions.byHash('a')).not.toBeNull();
    await sessions.deleteExpired(at(11));
    expect(await sessions.byHash('a')).toBeNull();
  });
}

function commandsContract(open: OpenStoreUnderTest): void {
  const sent = (id: string, fields: object = {}) => ({
    command: sampleCommand({ id }),
    accountIds: ['acc-1'],
    world: 'SIMULATOR',
    sentAt: at(0),
    isPublished: true,
    ...fields,
  });

  it('keeps commands as they were sent, the newest first, worlds and accounts apart', async () => {
    await using under = await open();
    const { commands } = (await under.connect()).app;
    await commands.insert(sent('a', { accountIds: ['acc-1', 'acc-2'] }));
    await commands.insert(sent('b', { accountIds: ['acc-2'] }));
    await commands.insert(sent('c', { world: 'EXCHANGE:binance' }));
    await commands.insert(sent('d'));
    const ids = async (...query: Parameters<typeof commands.list>) =>
      (await commands.list(...query)).map((found) => found.command.id);
    expect(await ids('SIMULATOR', null, 2)).toEqual(['d', 'b']);
    expect(await ids('SIMULATOR', 'acc-1', 9)).toEqual(['d', 'a']);
    expect(await ids('SIMULATOR', 'acc-2', 1)).toEqual(['b']);
    expect(await ids('EXCHANGE:binance', null, 9)).toEqual(['c']);
    expect(await commands.byId('a')).toEqual(sent('a', { accountIds: ['acc-1', 'acc-2'] }));
    expect(await commands.byId('x')).toBeNull();
    await expect(commands.insert(sent('a'))).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('holds commands that wait for the bus, the oldest first, until they are published', async () => {
    await using under = await open();
    const { commands } = (await under.connect()).app;
    for (const id of ['a', 'b', 'c']) await commands.insert(sent(id, { isPublished: id === 'b' }));
    const waiting = async () => (await commands.waiting('SIMULATOR')).map((found) => found.command.id);
    expect(await waiting()).toEqual(['a', 'c']);
    await commands.markPublished('a');
    expect(await waiting()).toEqual(['c']);
    expect(await commands.byId('a')).toEqual(sent('a'));
    expect(await commands.waiting('EXCHANGE:binance')).toEqual([]);
  });

  it('keeps an audit, the newest first', async () => {
    await using under = await open();
    const { audit } = (await under.connect()).app;
    const entry = (id: string) => ({ id, time: at(1), actor: 'ann', action: 'login', detail: 'ok', accountId: null });
    for (const id of ['1', '2', '3']) await audit.append(entry(id));
    expect(await audit.list(2)).toEqual([entry('3'), entry('2')]);
  });
}

function countersContract(open: OpenStoreUnderTest): void {
  it('counts within a window that begins with the first', async () => {
    await using under = await open();
    const { counters } = (await under.connect()).app;
    expect(await counters.read('name:ann', at(0))).toBeNull();
    expect(await counters.increment('name:ann', 60_000, at(0))).toEqual({ count: 1, endsAt: at(60) });
    expect(await counters.increment('name:ann', 60_000, at(59))).toEqual({ count: 2, endsAt: at(60) });
    expect(await counters.increment('name:bob', 60_000, at(59))).toEqual({ count: 1, endsAt: at(119) });
    expect(await counters.read('name:ann', at(59))).toEqual({ count: 2, endsAt: at(60) });
    expect(await counters.read('name:ann', at(60))).toBeNull();
    expect(await counters.increment('name:ann', 60_000, at(60))).toEqual({ count: 1, endsAt: at(120) });
    await counters.clear('name:ann');
    expect(await counters.read('name:ann', at(61))).toBeNull();
  });

  it('loses no count of several processes', async () => {
    await using under = await open();
    const clients = await Promise.all([1, 2, 3].map(() => under.connect()));
    const calls = Array.from({ length: 60 }, (_, n) => clients[n % 3]!.app.counters.increment('key', 60_000, at(0)));
    const counts = (await Promise.all(calls)).map((result) => result.count).sort((a, b) => a - b);
    expect(counts).toEqual(Array.from({ length: 60 }, (_, n) => n + 1));
  });
}

function factsContract(open: OpenStoreUnderTest): void {
  it('keeps facts of each world, undefined where there is none', async () => {
    await using under = await open();
    const { facts } = (await under.connect()).app;
    expect(await facts.get('SIMULATOR', 'seed')).toBeUndefined();
    await facts.put('SIMULATOR', 'seed', { seed: 7, symbols: ['A', null] });
    await facts.put('EXCHANGE:binance', 'seed', 8);
    expect(await facts.get('SIMULATOR', 'seed')).toEqual({ seed: 7, symbols: ['A', null] });
    await facts.put('SIMULATOR', 'seed', null);
    expect(await facts.get('SIMULATOR', 'seed')).toBeNull();
    expect(await facts.get('EXCHANGE:binance', 'seed')).toBe(8);
  });

  it('agree on one value when several processes bring theirs at the same time', async () => {
    await using under = await open();
    const clients = await Promise.all([1, 2, 3].map(() => under.connect()));
    const answers = await Promise.all(
      clients.map(({ app }, index) => app.facts.putIfAbsent('SIMULATOR', 'seed', index)),
    );
    expect(new Set(answers).size).toBe(1);
    expect(await clients[0]!.app.facts.get('SIMULATOR', 'seed')).toBe(answers[0]);
  });
}
