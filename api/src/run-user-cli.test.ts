import { describe, expect, it } from 'vitest';
import { browser, createAuthFixture, PASSWORD, user } from '../test/auth-fixture.js';
import { runUserCli } from './run-user-cli.js';

async function setUp(typed: string | null = null) {
  const fixture = await createAuthFixture();
  const out: string[] = [];
  const err: string[] = [];
  const run = (...argv: string[]) =>
    runUserCli(argv, {
      app: fixture.app,
      clock: fixture.clock,
      hasher: fixture.hasher,
      readPassword: async () => typed,
      makePassword: () => 'made-up-word',
      print: (line) => out.push(line),
      complain: (line) => err.push(line),
    });
  return { ...fixture, out, err, run };
}

describe('kairos user', () => {
  it('lists users, for people and for machines, without their passwords', async () => {
    const { run, out } = await setUp();
    expect(await run('list')).toBe(0);
    expect(out[0]).toMatch(/^Ada +TRADER +2026-01-01T00:00:00.000Z$/);
    expect(await run('list', '--json')).toBe(0);
    expect(JSON.parse(out[1] ?? '')).toMatchObject([{ username: 'Ada', role: 'TRADER', disabled: false }]);
    expect(out.join()).not.toContain('hash of');
  });

  it('adds a user with a password from standard input', async () => {
    const { run, app, out } = await setUp('typed password');
    expect(await run('add', 'Bob Stone', '--role', 'trader')).toBe(0);
    expect(await app.users.byName('bob stone')).toMatchObject({
      username: 'Bob Stone',
      role: 'TRADER',
      passwordHash: 'hash of typed password',
      mustChangePassword: false,
    });
    expect(out.join()).not.toContain('typed password');
  });

  it.each([[null], ['']])(
    'makes a password where none is typed (%s), shows it once and has it changed',
    async (typed) => {
      const { run, app, out } = await setUp(typed);
      expect(await run('add', 'Bob', '--role', 'VIEWER', '--json')).toBe(0);
      expect(JSON.parse(out[0] ?? '')).toMatchObject({ done: 'added', username: 'Bob', password: 'made-up-word' });
      expect(await app.users.byName('bob')).toMatchObject({ mustChangePassword: true });
    },
  );

  it('changes a password and ends all logins', async () => {
    const { run, app, ada } = await setUp('typed password');
    expect(await run('password', ' ADA ')).toBe(0);
    expect(await app.users.byId(ada.id)).toMatchObject({ passwordHash: 'hash of typed password', tokenVersion: 2 });
  });

  it.each([
    ['no command', [], 2],
    ['an unknown command', ['remove', 'Ada'], 2],
    ['an unknown option', ['list', '--all'], 2],
    ['too many names', ['password', 'Ada', 'Bob'], 2],
    ['no name', ['password'], 2],
    ['no role', ['add', 'Bob'], 2],
    ['an unknown role', ['add', 'Bob', '--role', 'ROOT'], 2],
    ['a name that is none', ['add', ' ', '--role', 'TRADER'], 2],
    ['a name that exists in another spelling', ['add', 'ADA', '--role', 'TRADER'], 1],
    ['a user that does not exist', ['password', 'nobody'], 1],
  ])('refuses %s with a word of why', async (_name, argv, exitCode) => {
    const { run, app, err } = await setUp('typed password');
    expect(await run(...argv)).toBe(exitCode);
    expect(err).toHaveLength(1);
    expect(await app.users.list()).toEqual([user({ username: 'Ada' })]);
  });

  it('refuses a bad password with exit code 2, without repeating it', async () => {
    const { run, err } = await setUp('short');
    expect(await run('password', 'Ada', '--json')).toBe(2);
    expect(JSON.parse(err[0] ?? '')).toEqual({ error: expect.stringContaining('8 to 72 bytes') });
    expect(err.join()).not.toContain('short');
  });

  it('tells a running API nothing, but a login with the old password ends', async () => {
    const { run, auth } = await setUp('typed password');
    await run('password', 'Ada');
    const login = auth.login({ username: 'Ada', password: PASSWORD, code: null }, browser());
    await expect(login).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  it('grants an account to a VIEWER once, and takes it back with all logins', async () => {
    const { run, app, out } = await setUp();
    await app.users.insert(user({ id: 'user-vera', username: 'Vera', role: 'VIEWER' }));
    expect(await run('grant', 'vera', 'acc-1')).toBe(0);
    expect(await run('grant', 'vera', 'acc-1', '--json')).toBe(0);
    expect(await app.users.byName('vera')).toMatchObject({ grantedAccountIds: ['acc-1'], tokenVersion: 1 });
    expect(JSON.parse(out[1] ?? '')).toMatchObject({ done: 'granted', username: 'Vera' });
    expect(await run('ungrant', 'Vera', 'acc-1')).toBe(0);
    expect(await app.users.byName('vera')).toMatchObject({ grantedAccountIds: [], tokenVersion: 2 });
  });

  it.each([
    ['to a TRADER, who has own accounts', ['grant', 'Ada', 'acc-1'], 1],
    ['to nobody', ['grant', 'Nobody', 'acc-1'], 1],
    ['no account', ['grant', 'Ada'], 2],
    ['what is no account id', ['grant', 'Ada', 'a b'], 2],
    ['two accounts at once', ['grant', 'Ada', 'acc-1', 'acc-2'], 2],
  ])('does not grant %s', async (_what, argv, exitCode) => {
    const { run, app, err } = await setUp();
    expect(await run(...argv)).toBe(exitCode);
    expect(err).toHaveLength(1);
    expect(await app.users.list()).toEqual([user({ username: 'Ada' })]);
  });

  it('helps', async () => {
    const { run, out } = await setUp();
    expect(await run('--help')).toBe(0);
    expect(out[0]).toContain('Exit codes');
  });
});
