import { decodeDeadLetter, decodeHealth, TOPICS } from '@kairos/schema';
import { describe, expect, it, vi } from 'vitest';
import { RETRY_FOR_MS_MAX } from './limits.js';
import { countOf } from './testing/harness.fixture.js';
import { candles, expected, newWorld, published, untilPublished } from './testing/replay.fixture.js';

// Thousands of candles take their time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

describe('a price that is not valid', () => {
  it('goes to the dead letter once, over restarts too, and holds nothing up', async () => {
    const harness = await newWorld();
    await harness.feed(candles.slice(0, 10));
    await harness.put(TOPICS.marketData, 'garbage');
    await harness.put(TOPICS.marketData, '{"symbol":"BTCUSDT","closed":true}');
    await harness.feed(candles.slice(10, 20));
    for (let start = 0; start < 3; start++) {
      const predictor = harness.predictor();
      await predictor.start();
      await harness.feed(candles.slice(20 + start, 21 + start));
      await untilPublished(harness, 21 + start);
      await predictor.stop();
    }
    await harness.put(TOPICS.marketData, '[]');
    const last = harness.predictor();
    await last.start();
    await harness.until(async () => (await countOf(harness.bus, TOPICS.deadLetter)) === 3);
    await last.stop();
    const letters = (await harness.records(TOPICS.deadLetter)).map((record) => ({
      key: record.key,
      letter: decodeDeadLetter(record.value),
    }));
    expect(letters.map(({ key }) => key)).toEqual([10, 11, 25].map((offset) => `crypto.market_data:0:${offset}`));
    expect(letters[0]!.letter).toMatchObject({ ok: true, value: { value: 'garbage', offset: 10 } });
    expect(await published(harness)).toEqual(expected.slice(0, 23));
  });
});

describe('a bus that fails', () => {
  it('is tried again: nothing is lost and what comes twice is the same', async () => {
    const harness = await newWorld();
    harness.faults.set({ publishFailsBefore: 0.2, publishFailsAfter: 0.2, pollFails: 0.2, pollRepeats: 0.2 });
    const predictor = harness.predictor();
    const starting = predictor.start();
    for (let fed = 0; fed < 600; fed += 20) {
      await harness.feed(candles.slice(fed, fed + 20));
      await harness.untilLater(async () => (await published(harness)).at(-1) === expected[fed + 19]);
    }
    await starting;
    await predictor.stop();
    const texts = await published(harness);
    expect([...new Set(texts)]).toEqual(expected.slice(0, 600));
    expect(texts.length).toBeGreaterThan(600);
  });

  it('that comes back within 10 minutes is waited for', async () => {
    const harness = await newWorld();
    const predictor = harness.predictor();
    await predictor.start();
    harness.faults.down(true);
    await harness.feed(candles.slice(0, 10));
    await harness.clock.advance(RETRY_FOR_MS_MAX / 2);
    expect(await published(harness)).toEqual([]);
    harness.faults.down(false);
    await harness.untilLater(async () => (await countOf(harness.bus, TOPICS.signals)) === 10);
    await predictor.stop();
    expect(await published(harness)).toEqual(expected.slice(0, 10));
  });

  it('that does not come back ends the predictor with its error', async () => {
    const harness = await newWorld();
    const predictor = harness.predictor();
    await predictor.start();
    harness.faults.down(true);
    await harness.feed(candles.slice(0, 10));
    const ended = expect(predictor.ended).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await harness.clock.advance(2 * RETRY_FOR_MS_MAX);
    await ended;
  });

  it('does not keep a predictor from stopping', async () => {
    const harness = await newWorld();
    harness.faults.down(true);
    const predictor = harness.predictor();
    const starting = predictor.start();
    await predictor.stop();
    await starting;
    await predictor.ended;
    await predictor.stop();
  });
});

describe('health', () => {
  it('is told every second: how far it is and what it knows', async () => {
    const harness = await newWorld();
    const predictor = harness.predictor();
    await predictor.start();
    await harness.feed(candles.slice(0, 100));
    await untilPublished(harness, 100);
    await harness.clock.advance(3_000);
    await predictor.stop();
    const reports = await harness.records(TOPICS.health);
    expect(reports.length).toBeGreaterThanOrEqual(3);
    expect(reports.at(-1)!.key).toBe('predictor:test-1');
    expect(decodeHealth(reports.at(-1)!.value)).toMatchObject({
      ok: true,
      value: {
        component: 'predictor',
        instance: 'test-1',
        healthy: true,
        detail: 'trained on 100 candles of 2 symbols',
        lag: 0,
        worldTime: candles[99]!.at,
      },
    });
  });

  it('is bad while the bus does not take signals', async () => {
    const harness = await newWorld();
    const predictor = harness.predictor();
    await predictor.start();
    harness.faults.down(true);
    await harness.feed(candles.slice(0, 10));
    await harness.clock.advance(20_000);
    harness.faults.down(false);
    harness.faults.set({ pollFails: 1 });
    await harness.clock.advance(20_000);
    await predictor.stop();
    const last = decodeHealth((await harness.records(TOPICS.health)).at(-1)!.value);
    expect(last).toMatchObject({ ok: true, value: { healthy: false, detail: expect.stringContaining('read prices') } });
  });
});
