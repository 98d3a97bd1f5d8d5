import { readConfig } from '@kairos/schema';
import { describe, expect, it } from 'vitest';
import { createAuthFixture, createPlainHasher, user } from '../../test/auth-fixture.js';
import { createRecordedLog } from '../../test/quiet-log.js';
import { createMemoryStoreServer } from '@kairos/ports/testing';
import { prepareUsers } from './first-user.js';

const OPEN = { HOST: '0.0.0.0', ADMIN_PASSWORD: 'my own password' };

const setUp = async (env: Record<string, string> = {}) => {
  const { clock } = await createAuthFixture();
  const { app } = createMemoryStoreServer({ clock }).connect();
  const log = createRecordedLog();
  const start = (again: Record<string, string> = env) =>
    prepareUsers({ app, config: readConfig(again), clock, log, hasher: createPlainHasher() });
  return { app, log, start };
};

describe('the first user', () => {
  it('is the administrator, who must change the password that everybody knows', async () => {
    const { app, start, log } = await setUp();
    await start();
    expect(await app.users.list()).toMatchObject([
      { id: expect.stringMatching(/^user_[0-9a-f]{16}$/), username: 'admin', role: 'ADMIN', mustChangePassword: true },
    ]);
    expect(log.lines.join()).not.toContain('admin123');
  });

  it('need not change a password of its own', async () => {
    const { app, start } = await setUp({ ADMIN_USERNAME: ' Boss ', ADMIN_PASSWORD: 'my own password' });
    await start();
    expect(await app.users.byName('boss')).toMatchObject({ username: 'Boss', mustChangePassword: false });
  });

  it('is made only where there is none, and a second start changes nothing', async () => {
    const { app, start } = await setUp();
    await app.users.insert(user({ username: 'Ada' }));
    await start();
    await start();
    expect((await app.users.list()).map((one) => one.username)).toEqual(['Ada']);
  });

  it('loses the default password once ADMIN_PASSWORD is another', async () => {
    const { app, start } = await setUp();
    await start();
    await start(OPEN);
    expect(await app.users.byName('admin')).toMatchObject({
      passwordHash: 'hash of my own password',
      mustChangePassword: false,
      tokenVersion: 2,
    });
  });

  it('keeps a password that it chose itself, whatever ADMIN_PASSWORD says', async () => {
    const { app, start } = await setUp();
    await app.users.insert(user({ username: 'admin', role: 'ADMIN', passwordHash: 'hash of chosen one' }));
    await start(OPEN);
    expect(await app.users.byName('admin')).toMatchObject({ passwordHash: 'hash of chosen one' });
  });

  it('refuses the start where the default password would work from other machines', async () => {
    const { start } = await setUp();
    await start();
    await expect(start({ ...OPEN, ADMIN_USERNAME: 'somebody' })).rejects.toThrow(
      /default password.*kairos user password admin/,
    );
  });
});
