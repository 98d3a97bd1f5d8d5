/**
 * STOP_BOT in front of 100,000 signals, on a real Kafka and MongoDB: entries blocked within 250 ms as a rule (an idle
 * machine takes 40 to 300) and within 1 s at the worst, all flat within 5 s, nothing opened afterwards,
 * and nobody waits for the backlog. `PANICS` (default 10) is how often; `PANIC_SLACK` (default 1) stretches the times on
 * a machine that is busy otherwise.
 */
import { systemClock } from '@kairos/ports';
import { TOPICS } from '@kairos/schema';
import { describe, expect, it } from 'vitest';
import type { AccountSeen } from './journal-follower.fixture.js';
import { causedBy, flawsOfPanic, hasCaused } from './journal-follower.fixture.js';
import type { PanicWorld } from './panic.fixture.js';
import { createPanicWorld, HELD, PATIENCE_MS, SLACK } from './panic.fixture.js';
import { until } from './replay-world.fixture.js';

const PANICS = Number(process.env['PANICS'] ?? 10);
/** Of the middle one of all rounds, which are told as a note. */
const HALT_MEDIAN_MS_MAX = 250 * SLACK;
const HALT_MS_MAX = 1_000 * SLACK;
const FLAT_MS_MAX = 5_000 * SLACK;
const BACKLOG = 100_000;
const CHUNK = 10_000;
/** One signal in so many is a BUY: each of them is decided, and would be obeyed. */
const BUY_EVERY = 4;
const ACCOUNTS = ['first', 'second'];
const TEST_MS = 600_000 + PANICS * 60_000;

/** Signals that an account's shard has not taken yet. */
async function backlogOf({ doors, follower }: PanicWorld, accountId: string): Promise<number> {
  await follower.look(accountId);
  const positions = follower.positions(accountId);
  const ends = await doors.bus.offsets(TOPICS.signals);
  return ends.reduce((sum, { topic, partition, next }) => sum + next - (positions[`${topic}:${partition}`] ?? next), 0);
}

const leastBacklog = async (world: PanicWorld): Promise<number> =>
  Math.min(...(await Promise.all(ACCOUNTS.map((id) => backlogOf(world, id)))));

/** Publishes until that many wait. */
async function pileUp(world: PanicWorld): Promise<void> {
  while ((await leastBacklog(world)) < BACKLOG) {
    const symbols = Array.from({ length: CHUNK }, (_, index) => HELD[index % HELD.length]!);
    const isBuy = (_: string, index: number): boolean => Math.floor(index / HELD.length) % BUY_EVERY === 0;
    const buys = symbols.filter(isBuy);
    const holds = symbols.filter((symbol, index) => !isBuy(symbol, index));
    await Promise.all([world.signals(buys, 'BUY'), world.signals(holds, 'HOLD')]);
  }
}

interface Round {
  /** From before the command was published until the last account's STOPPING, and STOPPED, was durable. */
  readonly haltMs: number;
  readonly flatMs: number;
  /** Signals that waited then. */
  readonly backlog: number;
}

async function panicOnce(world: PanicWorld): Promise<Round> {
  const { follower } = world;
  await world.hold(ACCOUNTS);
  await pileUp(world);
  const began = systemClock.now();
  const id = await world.command({ action: 'STOP_BOT' }, ACCOUNTS);
  const msUntilAll = async (type: 'TRADING_STOPPING' | 'TRADING_STOPPED'): Promise<number> => {
    const durableAt = (account: AccountSeen): number | null => {
      const told = causedBy(account, id).find(({ event }) => event.type === type);
      return told ? follower.durableAt(told) : null;
    };
    await follower.until(type, ACCOUNTS, (account) => durableAt(account) !== null, PATIENCE_MS);
    const accounts = await Promise.all(ACCOUNTS.map((name) => follower.look(name)));
    return Math.max(...accounts.map((account) => durableAt(account) ?? Infinity)) - began;
  };
  const haltMs = await msUntilAll('TRADING_STOPPING');
  const flatMs = await msUntilAll('TRADING_STOPPED');
  const backlog = await leastBacklog(world);
  const isDenied = async () => ((await follower.look(ACCOUNTS[0]!)).denied.get('TRADING_STOPPED') ?? 0) > 0;
  await until('what waits is denied', isDenied, PATIENCE_MS);
  const resume = await world.command({ action: 'RESUME_BOT' }, ACCOUNTS);
  await follower.until('RESUMED', ACCOUNTS, (account) => hasCaused(account, resume, 'TRADING_RESUMED'), PATIENCE_MS);
  return { haltMs, flatMs, backlog };
}

describe('STOP_BOT in front of 100,000 signals', { timeout: TEST_MS }, () => {
  it(`blocks entries within ${HALT_MEDIAN_MS_MAX} ms and is flat within ${FLAT_MS_MAX} ms, ${PANICS} times`, async ({
    annotate,
  }) => {
    await using world = await createPanicWorld({ parts: ['trade'] });
    await world.open(ACCOUNTS);
    const rounds: Round[] = [];
    for (let index = 0; index < PANICS; index++) rounds.push(await panicOnce(world));
    await annotate(JSON.stringify(rounds));
    for (const id of ACCOUNTS) {
      const account = await world.follower.look(id);
      expect(flawsOfPanic(account)).toEqual([]);
      const closed = account.told.filter(({ event }) => event.type === 'TRADE_CLOSED');
      expect(closed).toHaveLength(PANICS * HELD.length);
    }
    expect(rounds.filter(({ backlog }) => backlog === 0)).toEqual([]);
    expect(rounds.filter(({ flatMs }) => flatMs > FLAT_MS_MAX)).toEqual([]);
    expect(rounds.filter(({ haltMs }) => haltMs > HALT_MS_MAX)).toEqual([]);
    const halts = rounds.map(({ haltMs }) => haltMs).sort((a, b) => a - b);
    expect(halts[Math.floor(halts.length / 2)]).toBeLessThanOrEqual(HALT_MEDIAN_MS_MAX);
    world.crew.assertAlive();
  });
});
