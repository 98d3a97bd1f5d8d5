import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Candle, Interval } from '@kairos/schema';
import { formatPrice, parsePrice } from '@kairos/schema';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dataFile, hasData } from '../testing/data.js';
import type { Defect, DefectKind, DefectListener, Note } from './defects.js';
import { CandleFileError } from '../errors.js';
import { readCandles } from './reader.js';
import { surveyFile } from './survey.js';

const HEADER = 'time,open,high,low,close,volume';
const T0 = 1_722_003_300_000;
const row = (minute: number, close = '101') => `${T0 + minute * 60_000},100,1000,1,${close},5`;

let folder: string;
let files = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kairos-csv-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function write(content: string | Buffer): Promise<string> {
  const path = join(folder, `${++files}.csv`);
  await writeFile(path, content);
  return path;
}

interface Findings extends DefectListener {
  readonly defects: Defect[];
  readonly notes: Note[];
}

function collect(): Findings {
  const defects: Defect[] = [];
  const notes: Note[] = [];
  return { defects, notes, defect: (found) => void defects.push(found), note: (found) => void notes.push(found) };
}

async function readAll(path: string, interval: Interval = '1m') {
  const findings = collect();
  const candles: Candle[] = [];
  for await (const batch of readCandles({ path, symbol: 'BTCUSDT', interval }, findings)) candles.push(...batch);
  return { candles, ...findings };
}

const readText = async (lines: readonly string[], end = '\n') => readAll(await write(lines.join('\n') + end));
const minutesOf = (candles: readonly Candle[]) => candles.map((candle) => (candle.time - T0) / 60_000);

/** Lines of the damaged sample that must be left out, by its list of defects. */
const DAMAGED: readonly (readonly [number, DefectKind])[] = [
  [13, 'DUPLICATE'],
  [19, 'DUPLICATE'],
  [24, 'PRICE'],
  [34, 'FIELD_COUNT'],
  [44, 'FIELD_COUNT'],
  [54, 'PRICE'],
  [64, 'PRICE'],
  [74, 'PRICE'],
  [84, 'PRICE'],
  [94, 'VOLUME'],
  [104, 'PRICE'],
  [114, 'PRICE'],
  [124, 'HIGH_LOW'],
  [134, 'HIGH_LOW'],
  [164, 'TIME'],
  [174, 'TIME'],
  [194, 'OFF_GRID'],
  [204, 'PRICE'],
  [234, 'TIME'],
  [244, 'FAR_AHEAD'],
  [254, 'PRICE'],
  [275, 'OUT_OF_ORDER'],
  [297, 'BLANK_LINE'],
  [308, 'REPEATED_HEADER'],
  [319, 'COMMENT'],
  [330, 'OUT_OF_ORDER'],
  [341, 'BROKEN_BYTES'],
  [401, 'CUT_LINE'],
];

describe.skipIf(!hasData('dirty-btcusdt-1m.csv'))('the damaged sample', () => {
  const damaged = dataFile('dirty-btcusdt-1m.csv');

  it('loses exactly the lines that its list names, each for its own reason', async () => {
    const { defects } = await readAll(damaged);
    expect(defects.map(({ line, kind }) => [line, kind])).toEqual(DAMAGED);
  });

  it('keeps everything else, digit for digit, the spike and the flat row as they stand in it', async () => {
    const before = await readAll(dataFile('dirty-btcusdt-1m-original.csv'));
    const after = await readAll(damaged);
    const original = new Map(before.candles.map((candle) => [candle.time, candle]));
    const changed = after.candles.filter((candle) => original.get(candle.time)?.close !== candle.close);
    expect(before.defects).toEqual([]);
    expect(changed.map((candle) => formatPrice(candle.close))).toEqual(['676200', '67590']);
    expect(after.candles.length).toBe(400 - DAMAGED.length);
  });

  it('has its tenfold spike warned about, and its missing minutes noted', async () => {
    const { notes } = await readAll(damaged);
    expect(notes.filter((note) => note.kind === 'SPIKE').map((note) => note.line)).toEqual([144]);
    expect(notes.find((note) => note.line === 284)).toMatchObject({ kind: 'GAP', missing: 7 });
  });
});

describe.skipIf(!hasData('dirty-btcusdt-bybit-testnet-1m.csv'))('a sample with real gaps', () => {
  it('is kept whole, its 14 gaps of 801 minutes noted', async () => {
    const { candles, defects, notes } = await readAll(dataFile('dirty-btcusdt-bybit-testnet-1m.csv'));
    expect(candles.length).toBe(3_000);
    expect(defects).toEqual([]);
    expect(notes.map((note) => note.missing)).toEqual(Array.from({ length: 14 }, () => 801));
  });
});

describe('what is accepted', () => {
  it.each([
    ['line ends of Windows', `${row(0)}\r`],
    ['blanks around fields', row(0).replaceAll(',', ' ,  ')],
    ['scientific notation', `${T0},1e2,1.0E3,1e0,1.01e+2,5`],
    ['a volume of zero', `${T0},100,1000,1,101,0`],
    ['a time in ISO 8601', `2024-07-26T14:15:00Z,100,1000,1,101,5`],
    ['a time with a needless fraction', `${T0}.0,100,1000,1,101,5`],
    ['quotes around fields', `"${T0}","100","1000","1","101","5"`],
  ])('%s', async (_, line) => {
    const { candles, defects } = await readText([HEADER, line]);
    expect(defects).toEqual([]);
    expect(candles).toMatchObject([{ time: T0, high: parsePrice(1000), close: parsePrice(101), closed: true }]);
  });

  it('a header in capitals behind a byte order mark', async () => {
    const { candles } = await readAll(await write(`\ufeff${HEADER.toUpperCase()}\n${row(0)}\n`));
    expect(candles.length).toBe(1);
  });

  it('a last line without an end, with a warning', async () => {
    const { candles, notes } = await readText([HEADER, row(0), row(1)], '');
    expect(minutesOf(candles)).toEqual([0, 1]);
    expect(notes).toMatchObject([{ line: 3, kind: 'NO_LINE_END' }]);
  });

  it('gzip under any name', async () => {
    const { candles } = await readAll(await write(gzipSync(`${HEADER}\n${row(0)}\n`)));
    expect(candles.length).toBe(1);
  });
});

describe('times that cannot be right', () => {
  it.each([
    ['a first row years ahead', [5_000_000, 0, 1, 2], [0, 1, 2]],
    ['a row in the middle a month ahead', [0, 1, 43_200, 2, 3], [0, 1, 2, 3]],
    ['a last row years ahead', [0, 1, 5_000_000], [0, 1]],
    ['a row that comes late', [0, 1, 3, 2, 4], [0, 1, 3, 4]],
    ['an old row again after a gap', [0, 1, 500, 0, 501], [0, 1, 500, 501]],
    ['a gap of a month', [0, 1, 43_200, 43_201], [0, 1, 43_200, 43_201]],
  ])('%s', async (_, minutes, kept) => {
    const { candles, defects } = await readText([HEADER, ...minutes.map((minute) => row(minute))]);
    expect(minutesOf(candles)).toEqual(kept);
    expect(defects.length).toBe(minutes.length - kept.length);
  });

  it('candles come out in growing time, one per time, whatever the order of the rows', async () => {
    const minutes = fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(minutes, async (order) => {
        const { candles, defects } = await readText([HEADER, ...order.map((minute) => row(minute))]);
        const kept = minutesOf(candles);
        expect(kept).toEqual([...new Set(kept)].sort((a, b) => a - b));
        expect(kept.length + defects.length).toBe(order.length);
      }),
      { numRuns: 50 },
    );
  });
});

describe('broken files', () => {
  it('a cut archive keeps what could be unpacked and says that it is broken', async () => {
    const lines = Array.from({ length: 20_000 }, (_, minute) => row(minute, String(2 + ((minute * 7919) % 997))));
    const whole = gzipSync([HEADER, ...lines].join('\n'));
    const { candles, defects } = await readAll(await write(whole.subarray(0, whole.length / 2)));
    expect(candles.length).toBeGreaterThan(5_000);
    expect(defects.at(-1)?.kind).toBe('BROKEN_ARCHIVE');
  });

  it('a line without end costs no memory and is left out', async () => {
    const { candles, defects } = await readText([HEADER, row(0), 'x'.repeat(2_000_000), row(1)]);
    expect(minutesOf(candles)).toEqual([0, 1]);
    expect(defects).toMatchObject([{ line: 3, kind: 'LINE_TOO_LONG' }]);
  });

  it.each([
    ['no file', null],
    ['an empty file', ''],
    ['no header', `${row(0)}\n`],
    ['only a header', `${HEADER}\n`],
    ['not one good row', `${HEADER}\nabc\n1,2,3,4,5,6\n`],
    ['an interval that is none of ours', [HEADER, row(0), row(7), row(14)].join('\n')],
  ])('%s cannot serve', async (_, content) => {
    const path = content === null ? join(folder, 'missing.csv') : await write(content);
    await expect(surveyFile(path, 'BTCUSDT', '1m')).rejects.toBeInstanceOf(CandleFileError);
  });
});

describe('the survey', () => {
  it('takes the interval from the most common step', async () => {
    const path = await write([HEADER, row(0), row(5), row(10), row(60), row(65)].join('\n'));
    expect((await surveyFile(path, 'BTCUSDT', '1m')).interval).toBe('5m');
  });

  it.each([
    [2_000, 2_000],
    [1_999, 399],
    [12, 2],
  ])('of %i good rows gives %i to the training', async (rows, training) => {
    const path = await write([HEADER, ...Array.from({ length: rows }, (_, minute) => row(minute))].join('\n'));
    expect((await surveyFile(path, 'BTCUSDT', '1m')).trainingCandles).toBe(training);
  });

  it('finds the decimals that prices are written with', async () => {
    const path = await write([HEADER, row(0), row(1, '100.125'), row(2)].join('\n'));
    expect((await surveyFile(path, 'BTCUSDT', '1m')).priceDecimals).toBe(3);
  });
});
