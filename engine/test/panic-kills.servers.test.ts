/**
 * kill -9 again and again between STOPPING and STOPPED: what the store answers reaches the trader late, and it is killed
 * as soon as its entry is stored, before it can know. `KILLS` (default 20) is how often.
 */
import { shardOf } from '@kairos/ports';
import { describe, expect, it } from 'vitest';
import { killAndTell } from './deaths.fixture.js';
import type { AccountSeen } from './journal-follower.fixture.js';
import { causedBy, flawsOfPanic, hasCaused } from './journal-follower.fixture.js';
import type { PanicWorld } from './panic.fixture.js';
import { createPanicWorld, HELD, PATIENCE_MS } from './panic.fixture.js';
import { flawsOf, journalOf, until } from './replay-world.fixture.js';

const KILLS = Number(process.env['KILLS'] ?? 20);
const TEST_MS = 600_000 + KILLS * 60_000;
const ACCOUNTS = ['one', 'two', 'three'];
const WATCHED = 'one';
/** How much later everything arrives between trader and MongoDB, each way. */
const LATE_MS = 200;

/** The epoch of the newest owner of the watched account's shard. */
async function newestEpoch({ doors: { store } }: PanicWorld): Promise<number> {
  return (await store.journal.head(shardOf(WATCHED, store.shards))).epoch;
}

interface Killed {
  /** How often it was killed while the watched account was STOPPING. */
  readonly whileStopping: number;
  readonly commandId: string;
}

/** Gives the command, kills who has committed STOPPING, then each that has just taken over and is about to close. */
async function killWhileClosing(world: PanicWorld): Promise<Killed> {
  const { crew, follower, servers } = world;
  const status = async () => (await follower.look(WATCHED)).status;
  servers.toMongod.delay(LATE_MS);
  const commandId = await world.command({ action: 'STOP_BOT' }, ACCOUNTS);
  await until('it is STOPPING', async () => (await status()) === 'STOPPING', PATIENCE_MS);
  let whileStopping = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    const before = await newestEpoch(world);
    await killAndTell(crew, 'trade', [servers.kafka.direct]);
    if ((await status()) === 'STOPPING') whileStopping += 1;
    crew.start('trade');
    await until('another has taken over', async () => (await newestEpoch(world)) > before, PATIENCE_MS);
  }
  servers.toMongod.restore();
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
    await annotate(`killed ${whileStopping} times while it was STOPPING`);
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
    expect(whileStopping).toBe(KILLS);

    const resume = await world.command({ action: 'RESUME_BOT' }, ACCOUNTS);
    const isResumed = (account: AccountSeen) => hasCaused(account, resume, 'TRADING_RESUMED');
    await follower.until('RESUMED', ACCOUNTS, isResumed, PATIENCE_MS);
    await world.hold(ACCOUNTS);
    crew.assertAlive();
  });
});
