import { createHmac } from 'node:crypto';
import type { BusRecord } from '@kairos/ports';
import { createMemoryBusServer, createMemoryStoreServer, createSimulatedClock } from '@kairos/ports/testing';
import { decodeCommand, readConfig, TOPICS } from '@kairos/schema';
import { describe, expect, it } from 'vitest';
import { START, user } from '../test/auth-fixture.js';
import { createRecordedLog } from '../test/quiet-log.js';
import { ASK_AGAIN_MS, createAccountsOpener, firstAccountId } from './accounts-opener.js';

const SECRET = 'w9N4rT6yU2iP8aS5dF1gH7jK3lZ0xCvB';

const setUp = (env: Record<string, string> = {}) => {
  const clock = createSimulatedClock(START);
  const storeServer = createMemoryStoreServer({ clock });
  const store = storeServer.connect();
  const bus = createMemoryBusServer({ partitions: 8, clock }).connect();
  const deps = { config: readConfig(env), world: 'SIMULATOR', bus, store, clock, log: createRecordedLog() };
  const opener = createAccountsOpener(deps);
  const asked = async () => {
    const partitions = Array.from({ length: 8 }, (_, partition) => partition);
    const reader = await bus.read({
      from: partitions.map((partition) => ({ topic: TOPICS.commands, partition, position: 'earliest' as const })),
    });
    const records = await reader.poll(100, 0);
    await reader.close();
    return records.map(commandOf);
  };
  return { ...deps, storeServer, opener, asked };
};

function commandOf(record: BusRecord) {
  const decoded = decodeCommand(record.value, record);
  if (!decoded.ok) throw new Error(decoded.error.reason);
  return { ...decoded.value, key: record.key };
}

describe('the first account', () => {
  it('is asked for once for each trader and the administrator, keyed by the account', async () => {
    const { opener, asked, store, clock } = setUp();
    const users = [
      user({ username: 'admin', role: 'ADMIN' }),
      user({ username: 'Ada' }),
      user({ username: 'Vic', role: 'VIEWER' }),
      user({ username: 'Boss', role: 'ADMIN' }),
      user({ username: 'Gone', isDisabled: true }),
    ];
    for (const one of users) await store.app.users.insert(one);
    await opener.start();
    await clock.advance(1_500);
    await opener.stop();
    const commands = await asked();
    expect(new Set(commands.map(({ command }) => command.account?.userId))).toEqual(
      new Set([users[0]?.id, users[1]?.id]),
    );
    expect(commands).toHaveLength(2);
    for (const { command, key } of commands) {
      const accountId = firstAccountId('SIMULATOR', command.account?.userId ?? '');
      expect(command).toMatchObject({ action: 'OPEN_ACCOUNT', accountId, id: `open-${accountId}`, signature: null });
      expect(command.account).toMatchObject({ name: 'Main account', mode: 'PAPER', initialBalance: 500_000_000_000n });
      expect(key).toBe(accountId);
    }
  });

  it('is asked for again while it is not there, always by the same ids', async () => {
    const { opener, asked, store, clock } = setUp();
    await store.app.users.insert(user({ username: 'Ada' }));
    await opener.start();
    for (let passed = 0; passed <= ASK_AGAIN_MS; passed += 1_000) await clock.advance(1_000);
    await opener.stop();
    const ids = (await asked()).map(({ command }) => command.id);
    expect(ids).toHaveLength(2);
    expect(new Set(ids).size).toBe(1);
  });

  it('differs between worlds and users', () => {
    const ids = [firstAccountId('SIMULATOR', 'a'), firstAccountId('SIMULATOR', 'b'), firstAccountId('EXCHANGE:x', 'a')];
    expect(new Set(ids).size).toBe(3);
    expect(ids[0]).toMatch(/^acc-[0-9a-f]{16}$/);
  });

  it('is asked for with a signature when commands are signed', async () => {
    const { opener, asked, store, clock } = setUp({ COMMAND_SECRET: SECRET });
    await store.app.users.insert(user({ username: 'Ada' }));
    await opener.start();
    await clock.advance(100);
    await opener.stop();
    const [sent] = await asked();
    const expected = createHmac('sha256', SECRET)
      .update(sent?.signedText ?? '')
      .digest('hex');
    expect(sent?.command.signature).toBe(expected);
  });

  it('is asked for once the store is back', async () => {
    const { opener, asked, store, storeServer, clock } = setUp();
    await store.app.users.insert(user({ username: 'Ada' }));
    storeServer.setDown(true);
    await opener.start();
    await clock.advance(2_000);
    expect(await asked()).toEqual([]);
    storeServer.setDown(false);
    await clock.advance(2_000);
    await opener.stop();
    expect(await asked()).toHaveLength(1);
  });
});
