/** Commands that are forged, unsigned, old or repeated have no effect, and a panic by many closes each position once. */
import { signCommand } from '@kairos/ports';
import type { Command } from '@kairos/schema';
import { encodeCommand, TOPICS } from '@kairos/schema';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AccountSeen } from './journal-follower.fixture.js';
import { causedBy, flawsOfPanic, hasCaused } from './journal-follower.fixture.js';
import type { PanicWorld } from './panic.fixture.js';
import { commandOf, createPanicWorld, HELD, PATIENCE_MS, secondsAgo } from './panic.fixture.js';
import { recordsOf, textOf, until } from './replay-world.fixture.js';

const SECRET = 'a secret of forty characters, kept by few';
const FORGED = 'f'.repeat(64);
const SET_UP_MS = 300_000;
const TEST_MS = 600_000;

let world: PanicWorld;

beforeAll(async () => {
  world = await createPanicWorld({ parts: ['trade'], env: { COMMAND_SECRET: SECRET } });
}, SET_UP_MS);
afterAll(() => world?.[Symbol.asyncDispose](), SET_UP_MS);

/** Publishes a command with whatever signature it carries. */
async function publish(command: Command): Promise<void> {
  const value = encodeCommand(command);
  await world.doors.bus.publish(TOPICS.commands, [{ key: command.accountId, value }]);
}

/** What commands have caused for an account, each type with its refusal, once one given after them has been obeyed. */
async function effectsOf(accountId: string, commandIds: readonly string[]): Promise<readonly string[]> {
  const last = await world.command({ action: 'UPDATE_SETTINGS', settings: { cooldownSeconds: 0 } }, [accountId]);
  const isOver = (account: AccountSeen) => hasCaused(account, last, 'SETTINGS_UPDATED');
  await world.follower.until('the next command is obeyed', [accountId], isOver, PATIENCE_MS);
  const account = await world.follower.look(accountId);
  return commandIds.flatMap((id) =>
    causedBy(account, id).map(({ event: { type, step } }) => `${type} ${step?.refusal ?? ''}`.trim()),
  );
}

const obeyed = (accountId: string, id: string, type: 'TRADING_STOPPED' | 'TRADING_RESUMED' | 'TRADING_PAUSED') =>
  world.follower.until(`${id}: ${type}`, [accountId], (account) => hasCaused(account, id, type), PATIENCE_MS);

const statusOf = async (accountId: string) => (await world.follower.look(accountId)).status;

const lettersOf = async (commandId: string): Promise<readonly string[]> =>
  (await recordsOf(world.doors.bus, TOPICS.deadLetter)).map(textOf).filter((text) => text.includes(commandId));

describe('with COMMAND_SECRET', { timeout: TEST_MS }, () => {
  it.each([
    ['RESUME_BOT', {}],
    ['PAUSE_BOT', {}],
    ['UPDATE_SETTINGS', { settings: { maxOpenPositions: 1 } }],
    ['CLOSE_POSITION', {}],
  ] as const)('a %s that is unsigned, forged, or signed for another account is refused', async (action, more) => {
    const accountId = `of-${action}`;
    await world.open([accountId]);
    await world.hold([accountId]);
    const [tradeId] = [...(await world.follower.look(accountId)).open];
    const draft = { action, accountId, tradeId: action === 'CLOSE_POSITION' ? tradeId! : null, ...more };
    const foreign = signCommand(commandOf({ ...draft, accountId: 'another' }), SECRET);
    const commands = [commandOf(draft), commandOf({ ...draft, signature: FORGED }), { ...foreign, accountId }];
    for (const command of commands) await publish(command);
    const effects = await effectsOf(
      accountId,
      commands.map(({ id }) => id),
    );
    expect(effects).toEqual(commands.map(() => 'COMMAND_REFUSED NOT_SIGNED'));
    const { status, open } = await world.follower.look(accountId);
    expect([status, open.size]).toEqual(['RUNNING', HELD.length]);
    const stop = await world.command({ action: 'STOP_BOT' }, [accountId]);
    await obeyed(accountId, stop, 'TRADING_STOPPED');
  });

  it.each([
    ['unsigned', null],
    ['forged', FORGED],
  ])('an OPEN_ACCOUNT that is %s opens nothing, and goes to the dead letter once', async (how, signature) => {
    const { doors } = world;
    const account = {
      name: how,
      mode: 'PAPER',
      initialBalance: 1n,
      userId: 'mallory',
    } as unknown as Command['account'];
    const command = commandOf({ action: 'OPEN_ACCOUNT', accountId: `account-${how}`, account, signature });
    await publish(command);
    await until('it is in the dead letter', async () => (await lettersOf(command.id)).length > 0, PATIENCE_MS);
    expect(await lettersOf(command.id)).toHaveLength(1);
    expect(await doors.store.readModels.steps(command.id)).toMatchObject([{ kind: 'REFUSED', refusal: 'NOT_SIGNED' }]);
    expect((await world.follower.look(`account-${how}`)).status).toBeNull();
  });

  it('a STOP_BOT needs no signature: stopping is the safe side', async () => {
    const accountId = 'unsigned-stop';
    await world.open([accountId]);
    await world.hold([accountId]);
    const command = commandOf({ action: 'STOP_BOT', accountId });
    await publish(command);
    await obeyed(accountId, command.id, 'TRADING_STOPPED');
    expect(flawsOfPanic(await world.follower.look(accountId))).toEqual([]);
  });
});

describe('a command that comes again, or too late', { timeout: TEST_MS }, () => {
  it('of STOP_BOT does not stop an account that was opened, or resumed by a command issued, after it', async () => {
    const accountId = 'replayed';
    const beforeOpening = signCommand(commandOf({ action: 'STOP_BOT', accountId, time: secondsAgo(60) }), SECRET);
    await world.open([accountId]);
    const stop = signCommand(commandOf({ action: 'STOP_BOT', accountId }), SECRET);
    const sameTime = signCommand(commandOf({ action: 'STOP_BOT', accountId, time: stop.time }), SECRET);
    await publish(stop);
    await obeyed(accountId, stop.id, 'TRADING_STOPPED');
    const resume = await world.command({ action: 'RESUME_BOT' }, [accountId]);
    await obeyed(accountId, resume, 'TRADING_RESUMED');
    for (const replayed of [beforeOpening, stop, sameTime]) await publish(replayed);
    const ids = [beforeOpening.id, stop.id, sameTime.id];
    expect(await effectsOf(accountId, ids)).toEqual([
      'COMMAND_REFUSED NOT_ALLOWED',
      'TRADING_STOPPING',
      'TRADING_STOPPED',
      'COMMAND_REFUSED NOT_ALLOWED',
    ]);
    expect(await statusOf(accountId)).toBe('RUNNING');
  });

  it('of PAUSE_BOT and RESUME_BOT is obeyed once, and not at all when older than COMMAND_MAX_AGE_SECONDS', async () => {
    const accountId = 'stale';
    await world.open([accountId]);
    const time = secondsAgo(301);
    const stalePause = signCommand(commandOf({ action: 'PAUSE_BOT', accountId, time }), SECRET);
    const staleResume = signCommand(commandOf({ action: 'RESUME_BOT', accountId, time }), SECRET);
    const pause = signCommand(commandOf({ action: 'PAUSE_BOT', accountId }), SECRET);
    await publish(stalePause);
    await publish(pause);
    await obeyed(accountId, pause.id, 'TRADING_PAUSED');
    await publish(staleResume);
    await publish(pause);
    const ids = [stalePause.id, staleResume.id, pause.id];
    const expired = 'COMMAND_REFUSED EXPIRED';
    expect(await effectsOf(accountId, ids)).toEqual([expired, expired, 'TRADING_PAUSED']);
    expect(await statusOf(accountId)).toBe('PAUSED');
  });
});

describe('a panic twice, by two users, and sent again', { timeout: TEST_MS }, () => {
  it('closes each position once, and answers each command', async () => {
    const accounts = ['many-1', 'many-2', 'many-3'];
    await world.open(accounts);
    await world.hold(accounts);
    const first = commandOf({ action: 'STOP_BOT', issuedBy: 'alice' });
    const second = commandOf({ action: 'STOP_BOT', issuedBy: 'bob' });
    const records = [first, second, first, second, first].flatMap((command) =>
      accounts.map((accountId) => ({ key: accountId, value: encodeCommand({ ...command, accountId }) })),
    );
    await world.doors.bus.publish(TOPICS.commands, records);
    for (const accountId of accounts) {
      for (const { id } of [first, second]) await obeyed(accountId, id, 'TRADING_STOPPED');
      await effectsOf(accountId, []);
      const account = await world.follower.look(accountId);
      expect(flawsOfPanic(account)).toEqual([]);
      const types = (id: string) => causedBy(account, id).map(({ event }) => event.type);
      const closings = HELD.map(() => 'TRADE_CLOSED');
      expect(types(first.id)).toEqual(['TRADING_STOPPING', ...closings, 'TRADING_STOPPED']);
      expect(types(second.id)).toEqual(['TRADING_STOPPING', 'TRADING_STOPPED']);
      expect(account.status).toBe('STOPPED');
    }
  });
});
