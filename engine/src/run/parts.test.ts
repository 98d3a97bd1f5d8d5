/** A signal for more accounts than one step takes, as the trader takes it: each decides once, whatever comes between. */
import type { StoreFault, StoreFaults } from '@kairos/ports/testing';
import type { TradingEvent } from '@kairos/schema';
import { decodeTradingEvent, parsePrice, PREDICTOR_SOURCE, STEP_EVENTS_MAX, TOPICS } from '@kairos/schema';
import { describe, expect, it } from 'vitest';
import type { Running, WorldFixture } from './world.fixture.js';
import { createWorldFixture, START } from './world.fixture.js';

/** Three parts. */
const ACCOUNTS = 2 * STEP_EVENTS_MAX + 88;
/** An account of the last part. */
const LATE = ACCOUNTS - 8;
const SIGNAL = `${PREDICTOR_SOURCE}:BTCUSDT:${START + 60_000}`;
const TEST_MS = 60_000;

const BEFORE: StoreFault = { kind: 'before' };
const AFTER: StoreFault = { kind: 'after' };

async function committed(world: WorldFixture): Promise<readonly TradingEvent[]> {
  const entries = await world.store.journal.read(0, 0, 1_000_000);
  return entries.flatMap(({ events }) => events);
}

const decided = async (world: WorldFixture): Promise<readonly TradingEvent[]> =>
  (await committed(world)).filter(({ causedBy }) => causedBy === SIGNAL);

/** A trader whose accounts are open and that waits for the predictor; appends go as `faults` says from then on. */
async function begin(faults: StoreFault[]): Promise<{ world: WorldFixture; running: Running; accountIds: string[] }> {
  const world = createWorldFixture('REPLAY:abc');
  let isBegun = false;
  const store: StoreFaults = ({ method }) => (isBegun && method === 'journal.append' ? (faults.shift() ?? null) : null);
  for (let i = 0; i < ACCOUNTS; i++) await world.open(`account-${i}`);
  await world.candle('100', 1);
  const running = await world.start({ store });
  await world.until('the round is committed', async () => {
    const progress = await world.store.readModels.progress();
    return progress?.notes.round?.awaiting.length === 1;
  });
  isBegun = true;
  const accountIds = (await committed(world)).map(({ accountId }) => accountId);
  await world.prediction('BUY', 1, { price: parsePrice('100') });
  return { world, running, accountIds };
}

const allDecided = (world: WorldFixture) =>
  world.until('all have decided', async () => (await decided(world)).length >= ACCOUNTS, 50);

async function undisturbed(): Promise<readonly TradingEvent[]> {
  const { world, running } = await begin([]);
  await allDecided(world);
  await running.stop();
  return decided(world);
}

/** Ids of the decisions on the bus, repeats left out. */
async function published(world: WorldFixture): Promise<ReadonlySet<string>> {
  const ids = new Set<string>();
  for (const { text } of await world.records(TOPICS.trades)) {
    const event = decodeTradingEvent(new TextEncoder().encode(text));
    if (event.ok && event.value.causedBy === SIGNAL) ids.add(event.value.id);
  }
  return ids;
}

describe(`a signal for ${ACCOUNTS} accounts`, { timeout: TEST_MS }, () => {
  it('is committed in parts of the named size, each account once', async () => {
    const { world, running, accountIds } = await begin([]);
    await allDecided(world);
    const entries = await world.store.journal.read(0, 0, 1_000_000);
    const parts = entries.map(({ events }) => events.filter(({ causedBy }) => causedBy === SIGNAL).length);
    expect(parts.filter((count) => count > 0)).toEqual([STEP_EVENTS_MAX, STEP_EVENTS_MAX, 88]);
    expect((await decided(world)).map(({ accountId }) => accountId)).toEqual(accountIds);
    await running.stop();
  });

  it.each([
    { name: 'appends that fail', faults: () => [null, BEFORE, BEFORE, BEFORE] as StoreFault[], crashes: false },
    {
      name: 'appends whose outcome is not known',
      faults: () => [AFTER, BEFORE, AFTER, AFTER, BEFORE, AFTER],
      crashes: false,
    },
    {
      name: 'a crash between the parts',
      faults: () => [null, ...Array.from({ length: 10_000 }, () => BEFORE)] as StoreFault[],
      crashes: true,
    },
  ])('comes to the same over $name; who is stopped in between does not buy', async ({ faults, crashes }) => {
    const expected = new Map((await undisturbed()).map((event) => [event.accountId, event]));
    const { world, running, accountIds } = await begin(faults());
    await world.until('the first part is committed', async () => (await decided(world)).length >= STEP_EVENTS_MAX, 1);
    expect(await decided(world)).toHaveLength(STEP_EVENTS_MAX);
    const stoppedId = accountIds[LATE]!;
    await world.command({ id: 'stop', action: 'STOP_BOT', accountId: stoppedId });
    if (crashes) {
      await world.clock.advance(1_000);
      expect(await decided(world)).toHaveLength(STEP_EVENTS_MAX);
      await running.crash();
    }
    const last = crashes ? await world.start() : running;
    await allDecided(world);
    await world.until('all is published', async () => (await published(world)).size >= ACCOUNTS, 50);
    const events = await decided(world);
    expect(events.map(({ accountId }) => accountId)).toEqual(accountIds);
    for (const event of events) {
      if (event.accountId === stoppedId) expect(event.decision?.reason).toBe('TRADING_STOPPED');
      else expect(event).toEqual(expected.get(event.accountId));
    }
    await last.stop();
  });
});
