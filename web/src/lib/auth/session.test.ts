import { beforeEach, describe, expect, it } from 'vitest';
import { ApiError } from '../api/errors.js';
import { FakeApi } from '../testing/api.js';
import { FakeTiming, settled } from '../testing/timing.js';
import { Session } from './session.svelte.js';

let api: FakeApi;
let timing: FakeTiming;
let session: Session;
let tokens: number;

const user = { id: 'u1', username: 'admin', role: 'ADMIN', mustChangePassword: true } as const;

const grant = (seconds: number = 900) => {
  tokens += 1;
  const expiresAt = new Date(timing.wall() + seconds * 1_000).toISOString();
  return { accessToken: `token${tokens}`, expiresAt, user };
};
const refused = (): never => {
  throw new ApiError('UNAUTHENTICATED', 'Sign in first.');
};

beforeEach(() => {
  tokens = 0;
  timing = new FakeTiming();
  api = new FakeApi().on('Refresh', () => ({ refresh: grant() })).on('Login', () => ({ login: grant() }));
  session = new Session(api, timing);
});

describe('on load', () => {
  it('the cookie brings back the session', async () => {
    await session.start();
    expect(session.state).toEqual({ phase: 'signed-in', user });
    expect(session.authorization).toBe('Bearer token1');
  });

  it('without it one has to sign in, without reproach', async () => {
    api.on('Refresh', refused);
    await session.start();
    expect(session.state).toEqual({ phase: 'signed-out', notice: null });
  });

  it('an API that does not answer yet is asked again, and the page says so', async () => {
    const unready = new FakeApi();
    session = new Session(unready, timing);
    await session.start();
    expect(session.state).toMatchObject({
      phase: 'starting',
      problem: expect.stringContaining('does not answer') as string,
    });
    unready.on('Refresh', () => ({ refresh: grant() }));
    timing.advance(500);
    await settled();
    expect(session.state.phase).toBe('signed-in');
  });
});

describe('the token', () => {
  it('is renewed a minute before it ends, and who listens hears of it', async () => {
    await session.start();
    let renewals = 0;
    session.onRenewed(() => (renewals += 1));
    timing.advance(839_000);
    await settled();
    expect(session.authorization).toBe('Bearer token1');
    timing.advance(1_000);
    await settled();
    expect(session.authorization).toBe('Bearer token2');
    expect(renewals).toBe(1);
  });

  it.each([
    ['far behind', 24 * 3_600, 840_000],
    ['far ahead', -3_600, 20_000],
  ])('is renewed in time although this machine clock is %s', async (_, seconds, dueMs) => {
    api.on('Refresh', () => ({ refresh: grant(seconds) }));
    await session.start();
    timing.advance(dueMs - 1);
    await settled();
    expect(tokens).toBe(1);
    timing.advance(1);
    await settled();
    expect(tokens).toBe(2);
  });

  it('is asked for once by all who need it at the same time', async () => {
    const answers = await Promise.all([session.renew(), session.renew(), session.renew()]);
    expect(answers).toEqual([true, true, true]);
    expect(api.timesAsked('Refresh')).toBe(1);
  });

  it('is kept while the API cannot be reached, and asked for again', async () => {
    await session.start();
    api.on('Refresh', () => {
      throw new ApiError('UNREACHABLE', 'The API does not answer.');
    });
    timing.advance(840_000);
    await settled();
    expect(session.state.phase).toBe('signed-in');
    api.on('Refresh', () => ({ refresh: grant() }));
    timing.advance(15_000);
    await settled();
    expect(session.authorization).toBe('Bearer token2');
  });

  it('a revoked session ends with words', async () => {
    await session.start();
    api.on('Refresh', refused);
    timing.advance(840_000);
    await settled();
    expect(session.state).toEqual({ phase: 'signed-out', notice: 'Your session has ended. Sign in again.' });
    expect(session.authorization).toBeNull();
  });
});

it('a wrong password says so and changes nothing', async () => {
  api.on('Refresh', refused).on('Login', () => {
    throw new ApiError('UNAUTHENTICATED', 'Wrong name or password.');
  });
  await session.start();
  await expect(session.login('admin', 'x')).rejects.toThrow('Wrong name or password.');
  expect(session.state.phase).toBe('signed-out');
});

it('signing out ends here even when the API cannot be told', async () => {
  await session.start();
  await session.logout();
  expect(session.state).toMatchObject({
    phase: 'signed-out',
    notice: expect.stringContaining('this page only') as string,
  });
  timing.advance(3_600_000);
  await settled();
  expect(api.timesAsked('Refresh')).toBe(1);
});

it('another password asks to sign in again where the API ends the session', async () => {
  await session.start();
  api.on('ChangePassword', () => ({ changePassword: true })).on('Refresh', refused);
  await session.changePassword('admin123', 'a better one');
  expect(session.state.phase).toBe('signed-out');
});
