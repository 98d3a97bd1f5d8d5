import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { MarketCandle } from '@kairos/schema';
import { formatAmount, formatPrice, readInstruments, TRAINING_CANDLES, TRAINING_FACT } from '@kairos/schema';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CandleFileError } from '../errors.js';
import { createFeed } from '../feed.js';
import { dataFile, hasData } from '../testing/data.js';
import type { Rig } from '../testing/rig.js';
import { configOf, createRig, stopping } from '../testing/rig.js';

const WORLD = 'REPLAY:test';
const T0 = Date.UTC(2025, 0, 1);
const HOUR = 3_600_000;

let folder: string;
let files = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kairos-replay-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** A file of hourly candles that close at `hour + 0.5`. */
async function write(hours: readonly number[]): Promise<string> {
  const rows = hours.map((hour) => `${T0 + hour * HOUR},1,${hour + 2},0.5,${hour + 0.5},3`);
  const path = join(folder, `${++files}.csv.gz`);
  await writeFile(path, gzipSync(['time,open,high,low,close,volume', ...rows].join('\n')));
  return path;
}

function start(rig: Rig, paths: readonly string[], variables: Readonly<Record<string, string>>) {
  const config = configOf({ FEED: `replay:${paths.join(',')}`, FEED_SPEED: 'max', ...variables });
  return createFeed(rig.deps(), { config, world: WORLD, instance: 'one' });
}

const hasEnded = (rig: Rig) => async () => {
  const health = await rig.health();
  if (health?.worldTime) await rig.commit(health.worldTime);
  return typeof health?.feedEndedAt === 'number';
};

const textOf = ({ symbol, time, last }: MarketCandle) => `${(time - T0) / HOUR}${symbol[0]}${last ? '!' : ''}`;

const hours = (count: number) => Array.from({ length: count }, (_, hour) => hour);

describe('files', () => {
  it('are symbols in the order of SYMBOLS, and come in the order of (close time, symbol)', async () => {
    const rig = createRig();
    const paths = [await write([0, 1, 3]), await write([1, 2, 3])];
    const feed = start(rig, paths, { SYMBOLS: 'ETHUSDT,BTCUSDT' });
    await using _ = stopping(feed);
    await feed.start();
    await rig.advanceUntil(hasEnded(rig), 1_000);
    expect((await rig.candles()).map(textOf)).toEqual(['0E!', '1B', '1E!', '2B!', '3B', '3E!']);
  });

  it('bring their own interval and decimals, whatever INTERVAL says', async () => {
    const rig = createRig();
    const feed = start(rig, [await write(hours(10))], { SYMBOLS: 'BTCUSDT', INTERVAL: '5m' });
    await using _ = stopping(feed);
    await feed.start();
    await rig.advanceUntil(hasEnded(rig), 1_000);
    const [first] = await rig.candles();
    expect(first).toMatchObject({ interval: '1h', time: T0, at: T0 + HOUR, closed: true, source: 'replay' });
    expect(await readInstruments(rig.store.app.facts, WORLD)).toMatchObject([{ symbol: 'BTCUSDT', priceDecimals: 1 }]);
    expect(await rig.store.app.facts.get(WORLD, TRAINING_FACT)).toEqual({ BTCUSDT: 2 });
  });

  it.each([
    ['a missing file', ['missing.csv'], 'BTCUSDT'],
    ['files of two intervals', null, 'BTCUSDT,ETHUSDT'],
  ])('%s: the start is refused', async (_, names, symbols) => {
    const rig = createRig();
    const paths = names ?? [await write([0, 1, 2]), await write([0, 4, 8])];
    await expect(start(rig, paths, { SYMBOLS: symbols }).start()).rejects.toBeInstanceOf(CandleFileError);
  });
});

describe('speed', () => {
  it('does not hold for the first fifth of a short file; what follows takes its time', async () => {
    const rig = createRig();
    const feed = start(rig, [await write(hours(100))], { SYMBOLS: 'BTCUSDT', FEED_SPEED: '3600' });
    await using _ = stopping(feed);
    await feed.start();
    await rig.until(async () => (await rig.count()) > 0);
    expect(await rig.count()).toBe(21);
    await rig.clock.advance(10_000);
    expect(await rig.count()).toBe(31);
  });
});

describe('health', () => {
  it('tells name, speed, world time, and that the files have ended; the feed stays alive', async () => {
    const rig = createRig();
    const path = await write(hours(5));
    const feed = start(rig, [path], { SYMBOLS: 'BTCUSDT' });
    await using _ = stopping(feed);
    await feed.start();
    await rig.advanceUntil(hasEnded(rig), 1_000);
    const endedAt = T0 + 5 * HOUR;
    expect(await rig.health()).toMatchObject({
      component: 'feed',
      instance: 'one',
      healthy: true,
      feedName: path.split('/').at(-1),
      feedSpeed: null,
      worldTime: endedAt,
      feedEndedAt: endedAt,
    });
    const before = (await rig.health())!.at;
    await rig.clock.advance(10_000);
    expect((await rig.health())!.at).toBe(before + 10_000);
    expect(await Promise.race([feed.ended.then(() => 'ended'), Promise.resolve('alive')])).toBe('alive');
  });

  it('ends with the feed', async () => {
    const rig = createRig();
    const feed = start(rig, [await write(hours(5))], { SYMBOLS: 'BTCUSDT' });
    await feed.start();
    await rig.advanceUntil(hasEnded(rig), 1_000);
    await feed.stop();
    await feed.stop();
    await feed.ended;
    const { at } = (await rig.health())!;
    await rig.clock.advance(10_000);
    expect((await rig.health())!.at).toBe(at);
  });
});

describe.skipIf(!hasData('dirty-btcusdt-1m.csv'))('the damaged sample', () => {
  it('has each bad line told in the log, a summary at the end, and everything good published', async () => {
    const rig = createRig();
    const feed = start(rig, [dataFile('dirty-btcusdt-1m.csv')], { SYMBOLS: 'BTCUSDT' });
    await using _ = stopping(feed);
    await feed.start();
    await rig.advanceUntil(hasEnded(rig), 1_000);
    const lines = rig.log.lines.filter(({ fields }) => 'expected' in fields).map(({ fields }) => fields['line']);
    const summary = rig.log.lines.find(({ fields }) => 'rejectedTotal' in fields)?.fields;
    expect(lines.length).toBe(28);
    expect(summary).toMatchObject({ rows: 372, rejectedTotal: 28, rejected: { PRICE: 9, OUT_OF_ORDER: 2 } });
    expect((await rig.candles()).length).toBe(372);
  });
});

describe.skipIf(!hasData('btcusdt-1h-201708-202408.csv.gz'))('real candles', () => {
  it('come through digit for digit, over any number of restarts', async () => {
    const rig = createRig();
    const paths = ['solusdt-5m-202401-202408.csv.gz', 'btcusdt-5m-202401-202408.csv.gz'].map(dataFile);
    for (let starts = 1; starts <= 3; starts++) {
      const feed = start(rig, paths, { SYMBOLS: 'SOLUSDT,BTCUSDT' });
      await feed.start();
      await rig.advanceUntil(async () => {
        if (await rig.count()) await rig.commit(await rig.newestAt());
        return (await rig.count()) >= starts * 2_500;
      });
      await feed.stop();
    }
    const candles = await rig.candles();
    const times = candles.map(({ time, symbol }) => `${time} ${symbol}`);
    expect(times).toEqual([...new Set(times)].sort());
    const [btc, sol] = candles;
    expect([btc!.symbol, sol!.symbol]).toEqual(['BTCUSDT', 'SOLUSDT']);
    expect([formatPrice(btc!.open), formatAmount(btc!.volume)]).toEqual(await firstOf(paths[1]!, 1, 5));
    expect([formatPrice(sol!.open), formatAmount(sol!.volume)]).toEqual(await firstOf(paths[0]!, 1, 5));
    expect(await rig.store.app.facts.get(WORLD, TRAINING_FACT)).toEqual({
      BTCUSDT: TRAINING_CANDLES,
      SOLUSDT: TRAINING_CANDLES,
    });
  }, 60_000);
});

/** Columns of a file's first row, without needless zeros. */
async function firstOf(path: string, ...columns: readonly number[]): Promise<string[]> {
  const { readLines } = await import('../csv/lines.js');
  for await (const { lines } of readLines(path)) {
    const fields = lines[1]!.text.split(',');
    return columns.map((column) => String(Number(fields[column])));
  }
  return [];
}
