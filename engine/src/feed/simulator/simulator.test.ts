import type { Instant, MarketCandle } from '@kairos/schema';
import {
  closeTimeOf,
  FEED_AHEAD_CANDLES_MAX,
  MINUTE_MS,
  readInstruments,
  TRAINING_CANDLES,
  TRAINING_FACT,
} from '@kairos/schema';
import { describe, expect, it } from 'vitest';
import type { Rig } from '../testing/rig.js';
import { configOf, createRig, NOW } from '../testing/rig.js';
import { createSimulator } from './simulator.js';

const WORLD = 'SIMULATOR';
const MINUTE = (NOW - (NOW % MINUTE_MS)) as Instant;

/** Starts a simulator; `stop` is the end of its process. */
async function start(rig: Rig, variables: Readonly<Record<string, string>> = {}) {
  const config = configOf({ FEED: 'simulator', SYMBOLS: 'BTCUSDT,ETHUSDT', FEED_SPEED: 'max', ...variables });
  const work = createSimulator(rig.deps(), { config, world: WORLD });
  await work.prepare();
  const stop = new AbortController();
  const done = work.run(stop.signal);
  return { work, stop: async () => (stop.abort(), done) };
}

/** Lets the simulator publish as far as it may, the trader having committed everything before. */
async function runOn(rig: Rig, commits: number, variables: Readonly<Record<string, string>> = {}) {
  const feed = await start(rig, variables);
  await rig.clock.advance(1_000);
  for (let i = 0; i < commits; i++) {
    await rig.commit(await rig.newestAt());
    await rig.clock.advance(1_000);
  }
  await feed.stop();
}

const untimed = (candles: readonly MarketCandle[]) =>
  candles.map(({ time, at, ...candle }) => ({ ...candle, gap: at - time }));

describe('the first start', () => {
  it('publishes 2,000 candles of each symbol at once, the last closing at the boundary before now', async () => {
    const rig = createRig();
    const feed = await start(rig, { FEED_SPEED: '1' });
    await rig.clock.advance(100);
    await rig.commit(await rig.newestAt());
    await rig.clock.advance(100);
    const candles = await rig.candles();
    expect(candles.length).toBe(2 * TRAINING_CANDLES);
    expect(closeTimeOf(candles.at(-1)!)).toBe(MINUTE);
    expect(candles[0]!.time).toBe(MINUTE - TRAINING_CANDLES * MINUTE_MS);
    await feed.stop();
  });

  it('at speed 1 then closes a candle at each boundary of the clock', async () => {
    const rig = createRig();
    const feed = await start(rig, { FEED_SPEED: '1' });
    await rig.clock.advance(100);
    await rig.commit(MINUTE);
    const closes: { at: Instant; late: number }[] = [];
    for (let second = 0; second < 125; second++) {
      await rig.clock.advance(1_000);
      const newest = await rig.newestAt();
      if (newest > MINUTE && newest !== closes.at(-1)?.at) closes.push({ at: newest, late: rig.clock.now() - newest });
    }
    expect(closes.map(({ at }) => (at - MINUTE) / MINUTE_MS)).toEqual([1, 2]);
    for (const { late } of closes) expect(Math.abs(late)).toBeLessThan(1_200);
    await feed.stop();
  });

  it('tells of instruments and of what is for training only', async () => {
    const rig = createRig();
    await runOn(rig, 0);
    expect(await readInstruments(rig.store.app.facts, WORLD)).toEqual([
      { symbol: 'BTCUSDT', base: 'BTC', quote: 'USDT', priceDecimals: 2, amountDecimals: 8, minOrderValue: null },
      { symbol: 'ETHUSDT', base: 'ETH', quote: 'USDT', priceDecimals: 2, amountDecimals: 8, minOrderValue: null },
    ]);
    expect(await rig.store.app.facts.get(WORLD, TRAINING_FACT)).toEqual({ BTCUSDT: 2_000, ETHUSDT: 2_000 });
  });
});

describe('a restart', () => {
  it('goes on where the bus ends: as if it had never stopped', async () => {
    const whole = createRig();
    await runOn(whole, 7, { FEED_SEED: '5' });
    const rig = createRig();
    for (let starts = 0; starts < 7; starts++) {
      await runOn(rig, 1, { FEED_SEED: '5' });
    }
    expect(await rig.candles()).toEqual(await whole.candles());
    expect((await rig.candles()).length).toBe(8 * 2 * FEED_AHEAD_CANDLES_MAX);
  });

  it('begins at a stored state where there is one, with the same candles', async () => {
    const rig = createRig();
    await runOn(rig, 7, { FEED_SEED: '5' });
    expect(await rig.store.app.facts.get(WORLD, 'simulator-state')).toMatchObject({ seed: 5 });
    const { facts } = rig.store.app;
    const before = await rig.candles();
    await runOn(rig, 1, { FEED_SEED: '5' });
    const withState = (await rig.candles()).slice(before.length);

    const twin = createRig();
    await runOn(twin, 7, { FEED_SEED: '5' });
    await twin.store.app.facts.put(WORLD, 'simulator-state', { seed: 5, state: 'broken' });
    await runOn(twin, 1, { FEED_SEED: '5' });
    expect((await twin.candles()).slice(before.length)).toEqual(withState);
    expect(await facts.get(WORLD, 'simulator')).toMatchObject({ seed: 5, interval: '1m' });
  });

  it('keeps seed and interval of the first start, whatever is asked for later', async () => {
    const rig = createRig();
    await runOn(rig, 0, { FEED_SEED: '5' });
    await runOn(rig, 1, { FEED_SEED: '6', INTERVAL: '5m' });
    const twin = createRig();
    await runOn(twin, 1, { FEED_SEED: '5' });
    expect(await rig.candles()).toEqual(await twin.candles());
    expect(rig.log.lines.filter(({ level }) => level === 'warn').map(({ fields }) => fields)).toMatchObject([
      { asked: 6, kept: 5 },
      { asked: '5m', kept: '1m' },
    ]);
  });
});

it('without FEED_SEED a world is made by chance, and then kept', async () => {
  const rig = createRig();
  await runOn(rig, 0);
  await runOn(rig, 1);
  const seeded = createRig();
  await runOn(seeded, 1, { FEED_SEED: '5' });
  expect(untimed(await rig.candles())).not.toEqual(untimed(await seeded.candles()));
  expect(rig.log.lines.some(({ level }) => level === 'warn')).toBe(false);
});
