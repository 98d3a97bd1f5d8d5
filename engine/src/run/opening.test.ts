/** Taking a shard over while the bus is away: what the store holds is obeyed, and the rest read when the bus is back. */
import type { JournalEntry } from '@kairos/ports';
import { createBusFaults, createSeededRandom } from '@kairos/ports/testing';
import type { TradingEvent } from '@kairos/schema';
import { describe, expect, it } from 'vitest';
import { recover } from './recover.js';
import type { WorldFixture } from './world.fixture.js';
import { createWorldFixture } from './world.fixture.js';

const WORLD = 'EXCHANGE:binance';
const SHARD = 0;
const SHARDS = 8;
const OBEYED_MS_MAX = 1_000;
const STOPPED_MS_MAX = 4_000;
/** Longer than tries at the bus are apart. */
const AWAY_MS = 30_000;

const journalOf = (world: WorldFixture): Promise<readonly JournalEntry[]> =>
  world.store.journal.read(SHARD, 0, 1_000_000);

async function committed(world: WorldFixture, causedBy: string): Promise<readonly TradingEvent['type'][]> {
  const events = (await journalOf(world)).flatMap((entry) => entry.events);
  return events.filter((event) => event.causedBy === causedBy).map(({ type }) => type);
}

const stop = (world: WorldFixture): Promise<void> => world.keepCommand({ id: 'stop', action: 'STOP_BOT' }, ['main']);

/** A world with an account that holds something and whose trader has ended, and a bus that is away for the next one. */
async function worldWithBusAway() {
  const world = createWorldFixture(WORLD);
  const before = await world.start();
  await world.open('main');
  await world.until('it is open', async () => (await committed(world, 'open-main')).length > 0);
  await world.signal({ id: 'buy' });
  await world.until('it holds', async () => (await committed(world, 'buy')).length > 0);
  await before.stop();
  const faults = createBusFaults(createSeededRandom(1));
  faults.down(true);
  return { world, faults };
}

describe('a trader that takes over while the bus is away', () => {
  it('obeys what waits in the store within 1 s', async () => {
    const { world, faults } = await worldWithBusAway();
    await world.start({ bus: faults });
    await stop(world);
    const since = world.clock.monotonicMs();
    await world.until('it is obeyed', async () => (await committed(world, 'stop')).includes('TRADING_STOPPED'));
    expect(world.clock.monotonicMs() - since).toBeLessThan(OBEYED_MS_MAX);
    expect(await committed(world, 'stop')).toEqual(['TRADING_STOPPING', 'TRADE_CLOSED', 'TRADING_STOPPED']);
  });

  it('goes on where its journal says when the bus is back, within 10 s however long that was', async () => {
    const { world, faults } = await worldWithBusAway();
    await world.start({ bus: faults });
    await world.clock.advance(AWAY_MS);
    await world.signal({ id: 'sell', action: 'SELL' });
    expect(await committed(world, 'sell')).toEqual([]);
    faults.down(false);
    const since = world.clock.monotonicMs();
    await world.until('it sells', async () => (await committed(world, 'sell')).length > 0);
    expect(world.clock.monotonicMs() - since).toBeLessThan(10_000);
    expect(await committed(world, 'buy')).toEqual(['TRADE_OPENED']);
  });

  it('keeps its positions, those that it cannot look at too', async () => {
    const { world, faults } = await worldWithBusAway();
    const { positions } = await recover(world.store, WORLD, SHARD);
    const running = await world.start({ bus: faults });
    await stop(world);
    await world.until('it is obeyed', async () => (await committed(world, 'stop')).includes('TRADING_STOPPED'));
    await running.stop();
    expect((await recover(world.store, WORLD, SHARD)).positions).toEqual(positions);
  });

  it('keeps where a fresh world begins as soon as the bus says so', async () => {
    const world = createWorldFixture(WORLD);
    const faults = createBusFaults(createSeededRandom(1));
    faults.down(true);
    const running = await world.start({ bus: faults });
    await world.clock.advance(1_000);
    expect((await recover(world.store, WORLD, SHARD)).positions).toEqual({});
    faults.down(false);
    const areKept = async () =>
      Object.keys((await recover(world.store, WORLD, SHARD)).positions).some((cursor) => cursor.includes('signals'));
    await world.until('they are kept', areKept);
    await running.stop();
  });

  it('and whose store is away as well is there when the store is', async () => {
    const world = createWorldFixture(WORLD, {}, SHARDS);
    const before = await world.start();
    await world.open('main');
    await world.until('it is open', async () => (await world.store.readModels.account('main')) !== null);
    await before.stop();
    const bus = createBusFaults(createSeededRandom(1));
    let isStoreAway = true;
    await world.start({ bus, store: () => (isStoreAway ? { kind: 'before' } : null) });
    // It knows what is its own, and can load none of it.
    await world.clock.advance(1_000);
    bus.down(true);
    await world.clock.advance(1_000);
    isStoreAway = false;
    await stop(world);
    const isStopped = async () => (await world.store.readModels.account('main'))?.account.status === 'STOPPED';
    await world.until('it is obeyed', isStopped);
  });

  it('ends at once when asked to', async () => {
    const { world, faults } = await worldWithBusAway();
    const running = await world.start({ bus: faults });
    await world.clock.advance(1_000);
    const since = world.clock.monotonicMs();
    await running.stop();
    expect(world.clock.monotonicMs() - since).toBeLessThan(STOPPED_MS_MAX);
  });
});
