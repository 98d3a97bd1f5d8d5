import type { BusFaults } from '@kairos/ports/testing';
import { createBusFaults, createSeededRandom } from '@kairos/ports/testing';
import type { Instant, MarketMessage, Price } from '@kairos/schema';
import { encodeMarketData, FEED_AHEAD_CANDLES_MAX, LOCK_STEP_PARTITION, MINUTE_MS, TOPICS } from '@kairos/schema';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Rig } from '../testing/rig.js';
import { createRig } from '../testing/rig.js';
import type { PublisherOptions } from './publisher.js';
import { createPublisher } from './publisher.js';
import type { CandleGroup, LockStepSource } from './source.js';
import { makeGroup } from './source.js';

const T0 = Date.UTC(2025, 0, 1) as Instant;
const closeOf = (minute: number) => (T0 + (minute + 1) * MINUTE_MS) as Instant;

/** Minutes 0 to `minutes`, of the symbols that `has` says trade in a minute. */
function sourceOf(minutes: number, training: number, has = (_symbol: string, _minute: number) => true): LockStepSource {
  const groups: CandleGroup[] = [];
  for (let minute = 0; minute < minutes; minute++) {
    const symbols = ['AAAUSDT', 'BBBUSDT', 'CCCUSDT'].filter((symbol) => has(symbol, minute));
    const price = 1_000_000_000_000n as Price;
    const candle = { interval: '1m' as const, time: (T0 + minute * MINUTE_MS) as Instant, closed: true };
    const candles = symbols.map((symbol) => ({
      ...candle,
      ...{ symbol, open: price, high: price, low: price, close: price, volume: 0n as never },
    }));
    if (candles.length > 0) groups.push(makeGroup(candles, 'replay', minute < training));
  }
  return {
    name: 'replay',
    interval: '1m',
    async *groups() {
      for (let at = 0; at < groups.length; at += 50) yield await Promise.resolve(groups.slice(at, at + 50));
    },
    detail: () => 'a test',
  };
}

/** Each message as text: minute and symbol, `!` on the last of a minute, and the end. */
const textsOf = (messages: readonly MarketMessage[]) =>
  messages.map((message) => {
    if (message.kind === 'ended') return 'ended';
    const { time, symbol, last } = message.candle;
    return `${(time - T0) / MINUTE_MS}${symbol[0]}${last ? '!' : ''}`;
  });

function run(rig: Rig, options: Partial<PublisherOptions> & { source: LockStepSource }, faults?: BusFaults) {
  const stop = new AbortController();
  const publisher = createPublisher(rig.deps(faults), { symbols: 3, speed: Infinity, initialCredit: 0, ...options });
  const done = publisher.run(stop.signal);
  return { publisher, done, stop: async () => (stop.abort(), done) };
}

const EXPECTED_FOUR = ['0A', '0B', '0C!', '1A', '1B', '1C!', '2A', '2B', '2C!', '3A', '3B', '3C!', 'ended'];

describe('order', () => {
  it('is that of close time and symbol, the last candle of each time says so, and the end is said', async () => {
    const rig = createRig();
    const feed = run(rig, { source: sourceOf(4, 0) });
    await rig.until(() => feed.publisher.status().endedAt !== null);
    expect(textsOf(await rig.messages())).toEqual(EXPECTED_FOUR);
    expect(feed.publisher.status()).toMatchObject({ healthy: true, worldTime: closeOf(3), endedAt: closeOf(3) });
    await feed.stop();
  });

  it('marks the last candle of a time where symbols are missing', async () => {
    const rig = createRig();
    const feed = run(rig, { source: sourceOf(3, 0, (symbol, minute) => symbol[0] !== 'C' || minute === 1) });
    await rig.until(() => feed.publisher.status().endedAt !== null);
    expect(textsOf(await rig.messages())).toEqual(['0A', '0B!', '1A', '1B', '1C!', '2A', '2B!', 'ended']);
    await feed.stop();
  });
});

describe('speed', () => {
  it.each([
    [1, [1, 2, 3]],
    [60, [60, 120, 180]],
    [0.5, [0, 1, 1]],
  ])('of %d gives that many candles per candle time', async (speed, counts) => {
    const rig = createRig();
    const feed = run(rig, { source: sourceOf(500, 0, (symbol) => symbol[0] === 'A'), speed });
    await rig.clock.advance(0);
    for (const count of counts) {
      await rig.clock.advance(MINUTE_MS);
      expect(await rig.count()).toBe(count);
    }
    await feed.stop();
  });

  it('leaves the training candles out: they come at once', async () => {
    const rig = createRig();
    const feed = run(rig, { source: sourceOf(500, 300, (symbol) => symbol[0] === 'A'), speed: 1 });
    await rig.clock.advance(0);
    expect(await rig.count()).toBe(300);
    await feed.stop();
  });

  it('is kept after a hold-up: lost time is not made up for', async () => {
    const rig = createRig();
    const faults = createBusFaults(() => 0);
    const feed = run(rig, { source: sourceOf(5_000, 0, (symbol) => symbol[0] === 'A'), speed: 60 }, faults);
    await rig.clock.advance(10_000);
    const before = await rig.count();
    faults.down(true);
    await rig.clock.advance(600_000);
    faults.down(false);
    await rig.clock.advance(30_000);
    expect((await rig.count()) - before).toBeLessThan(40);
    await feed.stop();
  });
});

describe('the window ahead of the trader', () => {
  it('lets at most 1,000 candles per symbol out while nothing is committed', async () => {
    const rig = createRig();
    const feed = run(rig, { source: sourceOf(2_500, 2_000) });
    await rig.clock.advance(1_000);
    expect(await rig.count()).toBe(3 * FEED_AHEAD_CANDLES_MAX);
    expect(feed.publisher.status().detail).toContain('waiting for the trader');
    await feed.stop();
  });

  it('moves with what the trader commits', async () => {
    const rig = createRig();
    const feed = run(rig, { source: sourceOf(2_500, 0) });
    await rig.clock.advance(1_000);
    await rig.commit(closeOf(99));
    await rig.clock.advance(1_000);
    expect(await rig.count()).toBe(3 * (FEED_AHEAD_CANDLES_MAX + 100));
    await feed.stop();
  });

  it('counts what a former process has published', async () => {
    const rig = createRig();
    const first = run(rig, { source: sourceOf(2_500, 0) });
    await rig.clock.advance(1_000);
    await first.stop();
    await rig.commit(closeOf(9));
    const second = run(rig, { source: sourceOf(2_500, 0) });
    await rig.clock.advance(1_000);
    expect(await rig.count()).toBe(3 * (FEED_AHEAD_CANDLES_MAX + 10));
    await second.stop();
  });
});

describe('a restart', () => {
  it.each(EXPECTED_FOUR.map((text, index) => [index, text] as const))(
    'after %i messages goes on with %s and repeats none',
    async (count) => {
      const whole = createRig();
      const undisturbed = run(whole, { source: sourceOf(4, 0) });
      await whole.until(() => undisturbed.publisher.status().endedAt !== null);
      await undisturbed.stop();

      const rig = createRig();
      for (const message of (await whole.messages()).slice(0, count)) {
        const value = encodeMarketData(message);
        await rig.bus.publish(TOPICS.marketData, [{ key: null, value, partition: LOCK_STEP_PARTITION }]);
      }
      const again = run(rig, { source: sourceOf(4, 0) });
      await rig.until(() => again.publisher.status().endedAt !== null);
      expect(textsOf(await rig.messages())).toEqual(EXPECTED_FOUR);
      await again.stop();
    },
  );

  it('after the end says no second end', async () => {
    const rig = createRig();
    for (let starts = 0; starts < 3; starts++) {
      const feed = run(rig, { source: sourceOf(4, 0) });
      await rig.until(() => feed.publisher.status().endedAt !== null);
      await feed.stop();
    }
    expect(textsOf(await rig.messages())).toEqual(EXPECTED_FOUR);
  });

  it('is not misled by what others put into the partition', async () => {
    const rig = createRig();
    const first = run(rig, { source: sourceOf(2, 0) });
    await rig.until(() => first.publisher.status().endedAt !== null);
    await first.stop();
    const [one] = await rig.candles();
    const foreign = { ...one!, source: 'external', time: (T0 + 90 * MINUTE_MS) as Instant };
    const values = [encodeMarketData({ kind: 'candle', candle: foreign }), new Uint8Array([1, 2, 3])];
    const partition = LOCK_STEP_PARTITION;
    await rig.bus.publish(
      TOPICS.marketData,
      values.map((value) => ({ key: null, value, partition })),
    );
    const second = run(rig, { source: sourceOf(4, 0) });
    await rig.until(() => second.publisher.status().worldTime !== null);
    expect(second.publisher.status().worldTime).toBe(closeOf(1));
    await second.stop();
  });

  it('on a bus that has lost everything goes on after what the trader committed', async () => {
    const rig = createRig();
    await rig.commit(closeOf(1));
    const feed = run(rig, { source: sourceOf(4, 0) });
    await rig.until(() => feed.publisher.status().endedAt !== null);
    expect(textsOf(await rig.messages())).toEqual(EXPECTED_FOUR.slice(6));
    await feed.stop();
  });
});

describe('a bus that fails', () => {
  it('before or after taking a batch, at whatever call: nothing is repeated or lost', async () => {
    const rate = fc.double({ min: 0, max: 0.3, noNaN: true });
    const rates = fc.record({ publishFailsBefore: rate, publishFailsAfter: rate, pollFails: rate });
    await fc.assert(
      fc.asyncProperty(rates, fc.nat(), async (some, seed) => {
        const rig = createRig();
        const faults = createBusFaults(createSeededRandom(seed), some);
        const feed = run(rig, { source: sourceOf(80, 20), speed: 60_000 }, faults);
        await rig.advanceUntil(() => feed.publisher.status().endedAt !== null, 100);
        const texts = textsOf(await rig.messages());
        expect(texts.length).toBe(80 * 3 + 1);
        expect(new Set(texts).size).toBe(texts.length);
        await feed.stop();
      }),
      { numRuns: 15 },
    );
  });

  it('is unhealthy meanwhile, and well again afterwards', async () => {
    const rig = createRig();
    const faults = createBusFaults(() => 0);
    const feed = run(rig, { source: sourceOf(500, 0), speed: 60 }, faults);
    await rig.clock.advance(5_000);
    faults.down(true);
    await rig.clock.advance(5_000);
    expect(feed.publisher.status().healthy).toBe(false);
    faults.down(false);
    await rig.clock.advance(10_000);
    expect(feed.publisher.status().healthy).toBe(true);
    await feed.stop();
  });
});
