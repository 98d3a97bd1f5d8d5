import type { TradingEvent } from '@kairos/schema';
import { TOPICS } from '@kairos/schema';
import { describe, expect, it } from 'vitest';
import type { TradingFixture } from '../../test/trading-fixture.js';
import { ADA, books, createTradingFixture, minutes, take } from '../../test/trading-fixture.js';
import { FACTS_QUEUED_MAX } from './facts.js';

const TRADES = 'subscription($afterSeq: Int) { tradeUpdated(accountId: "acc-1", afterSeq: $afterSeq) { seq status } }';
const DECISIONS =
  'subscription($afterSeq: Int) { decisionMade(accountId: "acc-1", afterSeq: $afterSeq) { seq outcome reason trade { status } } }';

interface World extends TradingFixture {
  /** Commits that many denials, and returns them. */
  denials(count: number): Promise<readonly TradingEvent[]>;
}

async function createWorld(): Promise<World> {
  const world = await createTradingFixture();
  const ada = books('acc-1', 'user-ada');
  await world.commit({ events: [ada.opens()], marks: [ada.mark()] });
  await world.live.start();
  return {
    ...world,
    async denials(count) {
      const events = Array.from({ length: count }, (_, index) => ada.denies('BTCUSDT', minutes(index)));
      await world.commit({ events });
      return events;
    },
    [Symbol.asyncDispose]: world[Symbol.asyncDispose],
  };
}

const seqs = (rows: readonly Record<string, unknown>[]) => rows.map((row) => row['seq']);
const upTo = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

async function follow(world: World, afterSeq: number | null) {
  const { stream, code } = await world.subscribe(ADA, DECISIONS, { afterSeq });
  if (!stream) throw new Error(`refused: ${String(code)}`);
  return stream;
}

describe('facts', () => {
  it('come from the bus in order of seq', async () => {
    await using world = await createWorld();
    const stream = await follow(world, null);
    await world.publish(await world.denials(3));
    await world.clock.advance(300);
    expect(seqs(await take(stream, 3))).toEqual([2, 3, 4]);
  });

  it('begin after the seq asked for: what happened before comes from the store', async () => {
    await using world = await createWorld();
    await world.publish(await world.denials(10));
    await world.clock.advance(300);
    const stream = await follow(world, 4);
    await world.publish(await world.denials(2));
    await world.clock.advance(300);
    expect(seqs(await take(stream, 9))).toEqual(upTo(5, 13));
  });

  it.each([
    ['twice', (events: readonly TradingEvent[]) => events.flatMap((event) => [event, event])],
    ['in another order', (events: readonly TradingEvent[]) => [...events].reverse()],
    ['with gaps', (events: readonly TradingEvent[]) => events.filter((_, index) => index % 3 === 2)],
    ['not at all', () => []],
  ])('come once each and in order where the bus tells them %s', async (_how, told) => {
    await using world = await createWorld();
    const stream = await follow(world, 1);
    await world.publish(told(await world.denials(9)));
    await world.clock.advance(2_000);
    expect(seqs(await take(stream, 9))).toEqual(upTo(2, 10));
  });

  it('go on without gap or repeat while the store does not answer for a while', async () => {
    await using world = await createWorld();
    const stream = await follow(world, 1);
    const events = await world.denials(4);
    world.storeServer.setDown(true);
    await world.publish(events.slice(2));
    await world.clock.advance(1_000);
    world.storeServer.setDown(false);
    await world.clock.advance(1_000);
    expect(seqs(await take(stream, 4))).toEqual(upTo(2, 5));
  });

  it('reach every subscriber, wherever it joined', async () => {
    await using world = await createWorld();
    const first = await follow(world, 1);
    await world.publish(await world.denials(5));
    await world.clock.advance(300);
    const second = await follow(world, 3);
    const third = await follow(world, null);
    await world.publish(await world.denials(1));
    await world.clock.advance(300);
    expect(seqs(await take(first, 6))).toEqual(upTo(2, 7));
    expect(seqs(await take(second, 4))).toEqual(upTo(4, 7));
    expect(seqs(await take(third, 1))).toEqual([7]);
  });

  it('tell trades to one stream and decisions to the other', async () => {
    await using world = await createTradingFixture();
    const ada = books('acc-1', 'user-ada');
    const events = [ada.opens(), ada.buys('BTCUSDT', '100', minutes(1)), ada.denies('BTCUSDT', minutes(2))];
    events.push(ada.sells('BTCUSDT', '101', minutes(3)));
    await world.commit({ events, marks: [ada.mark()] });
    await world.live.start();
    const trades = await world.subscribe(ADA, TRADES, { afterSeq: 0 });
    const decisions = await world.subscribe(ADA, DECISIONS, { afterSeq: 0 });
    expect(trades.stream && (await take(trades.stream, 2))).toEqual([
      { seq: 2, status: 'OPEN' },
      { seq: 4, status: 'CLOSED' },
    ]);
    expect(decisions.stream && (await take(decisions.stream, 3))).toEqual([
      { seq: 2, outcome: 'OPENED', reason: null, trade: { status: 'OPEN' } },
      { seq: 3, outcome: 'DENIED', reason: 'LOW_CONFIDENCE', trade: null },
      { seq: 4, outcome: 'CLOSED', reason: null, trade: { status: 'CLOSED' } },
    ]);
  });
});

describe('facts from too far away', () => {
  it.each([
    [1_000, null],
    [1_001, 'CONFLICT'],
  ])('%i events behind: %s', async (behind, expected) => {
    await using world = await createWorld();
    await world.denials(behind);
    const { code, stream } = await world.subscribe(ADA, DECISIONS, { afterSeq: 1 });
    expect(code).toBe(expected);
    if (stream) expect(seqs(await take(stream, behind))).toEqual(upTo(2, behind + 1));
  });

  it('a seq below 0 is refused', async () => {
    await using world = await createWorld();
    expect((await world.subscribe(ADA, DECISIONS, { afterSeq: -1 })).code).toBe('BAD_USER_INPUT');
  });

  it('a subscriber that does not pull ends with CONFLICT, and nobody else notices', async () => {
    await using world = await createWorld();
    const [slow, fast] = [await follow(world, null), await follow(world, null)];
    const told: unknown[] = [];
    for (let round = 0; round < 3; round++) {
      await world.publish(await world.denials(FACTS_QUEUED_MAX / 2));
      await world.clock.advance(300);
      told.push(...seqs(await take(fast, FACTS_QUEUED_MAX / 2)));
    }
    expect(told).toEqual(upTo(2, 1.5 * FACTS_QUEUED_MAX + 1));
    await expect(slow.next()).rejects.toMatchObject({ extensions: { code: 'CONFLICT' } });
    expect(await slow.next()).toEqual({ done: true, value: undefined });
  });
});

describe('messages that are not valid', () => {
  it('become dead letters once and are skipped', async () => {
    await using world = await createWorld();
    const stream = await follow(world, null);
    const [first, second] = await world.denials(2);
    await world.publish(first ? [first] : []);
    const value = new TextEncoder().encode('{"v":1,"id":"acc-1:9"}');
    await world.trader.bus.publish(TOPICS.trades, [{ key: 'acc-1', value }]);
    await world.publish(second ? [second] : []);
    await world.clock.advance(1_500);
    expect(seqs(await take(stream, 2))).toEqual([2, 3]);
    const [end] = await world.trader.bus.offsets(TOPICS.deadLetter);
    expect(end?.next).toBe(1);
  });
});
