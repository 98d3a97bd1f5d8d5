/**
 * kill -9 again and again between STOPPING and STOPPED: every append is held back by the server for a while, and the
 * trader killed while one is under way. `KILLS` (default 20) is how often, `KILLS_SEED` at which moments.
 */
import { systemClock } from '@kairos/ports';
import { createSeededRandom } from '@kairos/ports/testing';
import { describe, expect, it } from 'vitest';
import type { AccountSeen } from './journal-follower.fixture.js';
import { causedBy, flawsOfPanic, hasCaused } from './journal-follower.fixture.js';
import type { PanicWorld } from './panic.fixture.js';
import { createPanicWorld, HELD, PATIENCE_MS } from './panic.fixture.js';
import { flawsOf, journalOf, until } from './replay-world.fixture.js';

const KILLS = Number(process.env['KILLS'] ?? 20);
const SEED = Number(process.env['KILLS_SEED'] ?? 20_240_808);
const TEST_MS = 600_000 + KILLS * 60_000;
const ACCOUNTS = ['one', 'two', 'three'];
/** How long the server holds each append back. */
const HELD_BACK_MS = 400;

/** Holds every append back before it is done; how often that has been until now. */
const holdAppendsBack = ({ servers, database }: PanicWorld): Promise<number> =>
  servers.mongod.failCommand(
    { failCommands: ['insert'], namespace: `${database}.journal`, blockConnection: true, blockTimeMS: HELD_BACK_MS },
    'alwaysOn',
  );

/** The epoch of the newest owner of any of the accounts' shards. */
async function newestEpoch({ doors: { store } }: PanicWorld): Promise<number> {
  const shards = Array.from({ length: store.shards }, (_, shard) => shard);
  const heads = await Promise.all(shards.map((shard) => store.journal.head(shard)));
  return Math.max(...heads.map(({ epoch }) => epoch));
}

interface Killed {
  /** How often it was killed while an account was still STOPPING. */
  readonly whileStopping: number;
  readonly commandId: string;
}

/** Gives the command, then kills whoever has taken over and begins to close, `KILLS` times. */
async function killWhileClosing(world: PanicWorld): Promise<Killed> {
  const { crew, follower } = world;
  const random = createSeededRandom(SEED);
  const statuses = () => Promise.all(ACCOUNTS.map(async (id) => (await follower.look(id)).status));
  await holdAppendsBack(world);
  const commandId = await world.command({ action: 'STOP_BOT' }, ACCOUNTS);
  await until('an account is STOPPING', async () => (await statuses()).includes('STOPPING'), PATIENCE_MS);
  let whileStopping = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    const before = await newestEpoch(world);
    await systemClock.sleep(random() * HELD_BACK_MS);
    await crew.kill('trade');
    if ((await statuses()).some((status) => status === 'STOPPING' || status === 'RUNNING')) whileStopping += 1;
    crew.start('trade');
    await until('it has taken over', async () => (await newestEpoch(world)) > before, PATIENCE_MS);
  }
  await world.servers.mongod.failCommand({}, 'off');
  return { whileStopping, commandId };
}

describe(`STOP_BOT over ${KILLS} times kill -9 while it closes`, { timeout: TEST_MS }, () => {
  it('closes each position once, and stays STOPPED over a restart until RESUME_BOT', async ({ annotate }) => {
    await using world = await createPanicWorld({ parts: ['trade'] });
    const { crew, follower, doors } = world;
    await world.open(ACCOUNTS);
    await world.hold(ACCOUNTS);
    const { whileStopping, commandId } = await killWhileClosing(world);
    const isStopped = (account: AccountSeen) => hasCaused(account, commandId, 'TRADING_STOPPED');
    await follower.until('STOPPED', ACCOUNTS, isStopped, PATIENCE_MS);
    await annotate(`killed ${whileStopping} times while an account was not yet stopped`);
    await crew.kill('trade');
    crew.start('trade');
    await world.signals(HELD, 'BUY');
    for (const id of ACCOUNTS) {
      const isDenied = async () => (await follower.look(id)).denied.get('TRADING_STOPPED') === HELD.length;
      await until('each BUY is denied after the restart', isDenied, PATIENCE_MS);
      const account = await follower.look(id);
      expect(flawsOfPanic(account)).toEqual([]);
      expect([account.status, account.open.size]).toEqual(['STOPPED', 0]);
      const types = causedBy(account, commandId).map(({ event }) => event.type);
      expect(types).toEqual(['TRADING_STOPPING', ...HELD.map(() => 'TRADE_CLOSED'), 'TRADING_STOPPED']);
    }
    expect(flawsOf(await journalOf(doors.store))).toEqual([]);
    expect(whileStopping).toBeGreaterThan(0);

    const resume = await world.command({ action: 'RESUME_BOT' }, ACCOUNTS);
    const isResumed = (account: AccountSeen) => hasCaused(account, resume, 'TRADING_RESUMED');
    await follower.until('RESUMED', ACCOUNTS, isResumed, PATIENCE_MS);
    await world.hold(ACCOUNTS);
    crew.assertAlive();
  });
});
