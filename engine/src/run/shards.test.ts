/** Several traders share a world's shards: who trades what, over ends, crashes and frozen processes. */
import type { JournalEntry } from '@kairos/ports';
import { shardOf } from '@kairos/ports';
import { createBusFaults, createSeededRandom } from '@kairos/ports/testing';
import type { TradingEvent } from '@kairos/schema';
import { decodeDeadLetter, decodeHealth, parsePrice, TOPICS } from '@kairos/schema';
import { describe, expect, it } from 'vitest';
import type { WorldFixture } from './world.fixture.js';
import { createWorldFixture, START } from './world.fixture.js';

const SHARDS = 8;
/** An account of each shard. */
const ACCOUNTS = Array.from({ length: SHARDS }, (_, shard) => {
  for (let i = 0; ; i++) if (shardOf(`account-${i}`, SHARDS) === shard) return `account-${i}`;
});
const EXCHANGE = 'EXCHANGE:binance';
/** How long the accounts of a trader that is gone may rest. */
const SUCCESSION_MS_MAX = 15_000;
/** Looking at every account's events takes longer than letting time pass. */
const STEP_MS = 50;
const TEST_MS = 60_000;

const types = (events: readonly TradingEvent[]) => events.map((event) => event.type);

async function openAll(world: WorldFixture): Promise<void> {
  for (const id of ACCOUNTS) await world.open(id);
  await untilAll(world, 'ACCOUNT_OPENED');
}

/** Every account has an event that a cause gave rise to. */
const untilCausedBy = (world: WorldFixture, cause: string) =>
  world.until(
    `${cause} has come to every account`,
    async () => {
      const all = await Promise.all(ACCOUNTS.map((id) => world.events(id)));
      return all.every((events) => events.some(({ causedBy }) => causedBy === cause));
    },
    STEP_MS,
  );

const untilAll = (world: WorldFixture, type: TradingEvent['type']) =>
  world.until(
    `${type} of every account`,
    async () => {
      const all = await Promise.all(ACCOUNTS.map((id) => world.events(id)));
      return all.every((events) => types(events).includes(type));
    },
    STEP_MS,
  );

async function journalOf(world: WorldFixture, shard: number): Promise<readonly JournalEntry[]> {
  return world.store.journal.read(shard, 0, 1_000_000);
}

async function owners(world: WorldFixture): Promise<readonly (string | null)[]> {
  const heads = await Promise.all(Array.from({ length: SHARDS }, (_, shard) => world.store.journal.head(shard)));
  return heads.map(({ owner }) => owner);
}

/** Epochs never go back, entries have no gap, and each epoch has one owner. */
async function expectSoundJournals(world: WorldFixture): Promise<void> {
  for (let shard = 0; shard < SHARDS; shard++) {
    const entries = await journalOf(world, shard);
    expect(entries.map(({ entry }) => entry)).toEqual(entries.map((_, index) => index + 1));
    const epochs = entries.map(({ epoch }) => epoch);
    expect(epochs).toEqual([...epochs].sort((a, b) => a - b));
    const ownersOf = new Map(entries.map(({ epoch, owner }) => [epoch, owner]));
    expect(entries.every(({ epoch, owner }) => ownersOf.get(epoch) === owner)).toBe(true);
  }
}

async function expectSoundBooks(world: WorldFixture): Promise<void> {
  for (const id of ACCOUNTS) {
    const events = await world.events(id);
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
    const signals = events.flatMap(({ decision }) => decision?.signalId ?? []);
    expect(signals).toEqual([...new Set(signals)]);
  }
}

describe('traders of a world of 8 shards', { timeout: TEST_MS }, () => {
  it('a lone one has them all, and says so', async () => {
    const world = createWorldFixture(EXCHANGE, {}, SHARDS);
    const running = await world.start();
    await openAll(world);
    expect(new Set(await owners(world))).toEqual(new Set(['trader-1']));
    await world.until('it says so', async () =>
      (await world.records(TOPICS.health)).some(({ text }) =>
        text.includes('8 accounts in shards 0, 1, 2, 3, 4, 5, 6, 7 of 8'),
      ),
    );
    const reports = (await world.records(TOPICS.health)).map(({ text }) =>
      decodeHealth(new TextEncoder().encode(text)),
    );
    expect(reports.at(-1)).toMatchObject({ ok: true, value: { healthy: true } });
    await running.stop();
  });

  it('each signal is decided once per account, whoever has it, and read once per process', async () => {
    const world = createWorldFixture(EXCHANGE, {}, SHARDS);
    const [first, second] = [await world.start(), await world.start()];
    await openAll(world);
    expect(new Set(await owners(world))).toEqual(new Set(['trader-1', 'trader-2']));
    for (let i = 0; i < 3; i++) await world.signal({ id: 'buy' });
    await untilCausedBy(world, 'buy');
    await world.signal({ id: 'sell', action: 'SELL', price: parsePrice('68891') });
    await untilCausedBy(world, 'sell');
    for (const id of ACCOUNTS) {
      expect(types(await world.events(id))).toEqual(['ACCOUNT_OPENED', 'TRADE_OPENED', 'TRADE_CLOSED']);
    }
    expect(await world.store.readModels.countSignals({}, 100)).toBe(2);
    await first.stop();
    await second.stop();
    await expectSoundJournals(world);
  });

  it('one that ends in good order is succeeded at once', async () => {
    const world = createWorldFixture(EXCHANGE, {}, SHARDS);
    const first = await world.start();
    await openAll(world);
    const second = await world.start();
    await world.until('they share', async () => new Set(await owners(world)).size === 2);
    await first.stop();
    const stoppedAt = world.clock.monotonicMs();
    await world.signal({ id: 'buy' });
    await untilCausedBy(world, 'buy');
    expect(world.clock.monotonicMs() - stoppedAt).toBeLessThan(2_000);
    expect(new Set(await owners(world))).toEqual(new Set(['trader-2']));
    await second.stop();
    await expectSoundBooks(world);
  });

  it('one that is gone without a word is succeeded within 15 s', async () => {
    const world = createWorldFixture(EXCHANGE, {}, SHARDS);
    const faults = createBusFaults(createSeededRandom(1));
    const first = await world.start({ bus: faults });
    await openAll(world);
    const second = await world.start();
    await world.until('they share', async () => new Set(await owners(world)).size === 2);
    await world.signal({ id: 'before' });
    await untilCausedBy(world, 'before');
    const diedAt = world.clock.monotonicMs();
    faults.down(true);
    await first.cutOff();
    await world.signal({ id: 'sell', action: 'SELL' });
    await untilCausedBy(world, 'sell');
    expect(world.clock.monotonicMs() - diedAt).toBeLessThan(SUCCESSION_MS_MAX);
    await first.stop();
    await second.stop();
    await expectSoundJournals(world);
    await expectSoundBooks(world);
  });

  it.each([1, 3, 5])(
    'one cut off from the bus, not from the store, changes nothing after it was succeeded (%i)',
    async (seed) => {
      const world = createWorldFixture(EXCHANGE, {}, SHARDS);
      const faults = createBusFaults(createSeededRandom(seed));
      const first = await world.start({ bus: faults });
      await openAll(world);
      const second = await world.start();
      for (let round = 1; round <= 4; round++) {
        faults.down(true);
        await world.clock.advance(seed * 3_000 + round * 500);
        await world.signal({ id: `buy-${round}` });
        await world.clock.advance(round * 700);
        faults.down(false);
        await untilCausedBy(world, `buy-${round}`);
        await world.signal({ id: `sell-${round}`, action: 'SELL' });
        await untilCausedBy(world, `sell-${round}`);
      }
      await world.until('they share again', async () => new Set(await owners(world)).size === 2);
      await first.stop();
      await second.stop();
      await expectSoundJournals(world);
      await expectSoundBooks(world);
    },
  );

  it('one whose entry number was taken by a stranger loads that shard again, and the others go on', async () => {
    const world = createWorldFixture(EXCHANGE, {}, SHARDS);
    const running = await world.start();
    await openAll(world);
    const head = await world.store.journal.head(3);
    const last = (await journalOf(world, 3)).at(-1)!;
    const stranger = {
      ...last,
      entry: head.entry + 1,
      epoch: head.epoch + 1,
      owner: 'stranger',
      events: [],
      positions: {},
    };
    await world.store.journal.append(
      { ...stranger, prices: [], marks: [], signals: [], deadLetters: [] },
      { candles: [], signals: [], equity: [], commands: [], steps: [] },
    );
    await world.signal({ id: 'buy' });
    await untilCausedBy(world, 'buy');
    expect(await world.store.journal.head(3)).toMatchObject({ epoch: head.epoch + 2, owner: 'trader-1' });
    const others = await Promise.all([0, 1, 2, 4, 5, 6, 7].map((shard) => world.store.journal.head(shard)));
    expect(others.every(({ epoch }) => epoch === 1)).toBe(true);
    await running.stop();
    await expectSoundJournals(world);
  });

  it('writes each dead letter once, and answers for accounts that do not exist once', async () => {
    const world = createWorldFixture(EXCHANGE, {}, SHARDS);
    const [first, second] = [await world.start(), await world.start()];
    await openAll(world);
    for (let partition = 0; partition < SHARDS; partition++) {
      await world.publish(TOPICS.signals, 'x', '{"action":"BUY"}', partition);
      await world.publish(TOPICS.commands, 'x', 'not json', partition);
    }
    await world.signal({ id: 'old', time: (START - 90_000_000) as typeof START });
    for (let i = 0; i < 10; i++)
      await world.command({ id: `missing-${i}`, action: 'STOP_BOT', accountId: `nobody-${i}` });
    await world.command({ id: 'trade', action: 'CLOSE_POSITION', tradeId: 'nobody:BTCUSDT:s1' });
    const expected = 2 * SHARDS + 1 + 10 + 1;
    await world.until('all letters are there', async () => (await world.records(TOPICS.deadLetter)).length >= expected);
    await world.clock.advance(2_000);
    const letters = (await world.records(TOPICS.deadLetter)).map(({ text }) =>
      decodeDeadLetter(new TextEncoder().encode(text)),
    );
    const places = letters.map((letter) =>
      letter.ok ? `${letter.value.topic}:${letter.value.partition}:${letter.value.offset}` : '',
    );
    expect(places).toHaveLength(expected);
    expect(new Set(places).size).toBe(expected);
    for (let i = 0; i < 10; i++) {
      expect((await world.store.readModels.steps(`missing-${i}`)).map(({ kind }) => kind)).toEqual(['REFUSED']);
    }
    expect((await world.store.readModels.steps('trade')).map(({ kind }) => kind)).toEqual(['REFUSED']);
    await first.stop();
    await second.stop();
  });

  it('obeys a keyless command once per account', async () => {
    const world = createWorldFixture(EXCHANGE, {}, SHARDS);
    const [first, second] = [await world.start(), await world.start()];
    await openAll(world);
    await world.signal({ id: 'buy' });
    await untilCausedBy(world, 'buy');
    await world.command({ id: 'panic', action: 'STOP_BOT' });
    await untilAll(world, 'TRADING_STOPPED');
    for (const id of ACCOUNTS) {
      const events = (await world.events(id)).filter(({ causedBy }) => causedBy === 'panic');
      expect(types(events)).toEqual(['TRADING_STOPPING', 'TRADE_CLOSED', 'TRADING_STOPPED']);
    }
    const taken = await world.store.readModels.takenCommand('panic');
    expect([...(taken?.accountIds ?? [])].sort()).toEqual([...ACCOUNTS].sort());
    await first.stop();
    await second.stop();
  });
});

const store = (world: WorldFixture, accountIds: readonly string[]): Promise<void> =>
  world.keepCommand({ id: 'stored', action: 'STOP_BOT' }, accountIds);

describe('a command that waits in the store', { timeout: TEST_MS }, () => {
  const isMarked = async (world: WorldFixture) => (await world.store.app.commands.byId('stored'))?.isPublished;

  it('is obeyed by every shard, and done with once all have committed it', async () => {
    const world = createWorldFixture(EXCHANGE, {}, SHARDS);
    const [first, second] = [await world.start(), await world.start()];
    await openAll(world);
    await store(world, [...ACCOUNTS, 'nobody']);
    await untilAll(world, 'TRADING_STOPPED');
    await world.until('it is done with', async () => (await isMarked(world)) === true);
    await world.clock.advance(3_000);
    const refused = (await world.store.readModels.steps('stored')).filter(({ kind }) => kind === 'REFUSED');
    expect(refused.map(({ accountId }) => accountId)).toEqual(['nobody']);
    await first.stop();
    await second.stop();
  });

  it('is not done with while a shard is without an owner, and is when that has one again', async () => {
    const world = createWorldFixture(EXCHANGE, {}, SHARDS);
    const faults = createBusFaults(createSeededRandom(1));
    const first = await world.start({ bus: faults });
    const second = await world.start();
    await openAll(world);
    await world.until('they share', async () => new Set(await owners(world)).size === 2);
    faults.down(true);
    await first.cutOff();
    await store(world, ACCOUNTS);
    await world.clock.advance(4_000);
    expect(await isMarked(world)).toBe(false);
    await untilAll(world, 'TRADING_STOPPED');
    await world.until('it is done with', async () => (await isMarked(world)) === true);
    for (const id of ACCOUNTS) {
      expect(types(await world.events(id)).filter((type) => type === 'TRADING_STOPPED')).toHaveLength(1);
    }
    await first.stop();
    await second.stop();
  });
});

describe('a fresh lock-step world', () => {
  it('makes no shard wait for an account of its own', async () => {
    const world = createWorldFixture('REPLAY:abc', {}, SHARDS);
    const running = await world.start();
    await world.open(ACCOUNTS[5]!);
    await world.candle('100', 1);
    await world.prediction('BUY', 1, { price: parsePrice('100') });
    await world.until('every shard has taken the minute', async () => {
      const progress = await world.store.readModels.progress();
      return progress?.worldTime === START + 60_000;
    });
    expect(world.clock.now() - START).toBeLessThan(10_000);
    await world.until('it is bought', async () => types(await world.events(ACCOUNTS[5])).includes('TRADE_OPENED'));
    await running.stop();
  });
});
