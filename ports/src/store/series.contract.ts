/** The store contract: candles and equity curves. */
import type { Instant } from '@kairos/schema';
import { HOUR_MS, parsePrice } from '@kairos/schema';
import { describe, expect, it } from 'vitest';
import type { ClosingEquityQuery } from './read-models.js';
import { createSampleJournal, NO_ROWS, sampleCandle, samplePoint, sampleTime } from './samples.js';
import type { OpenStoreUnderTest } from './store.contract.js';
import { superfluous } from './thinning.js';

export function seriesContract(open: OpenStoreUnderTest): void {
  describe('series', () => {
    candlesContract(open);
    equityContract(open);
  });
}

function candlesContract(open: OpenStoreUnderTest): void {
  const minutesOf = (candles: readonly { time: Instant }[]) =>
    candles.map((candle) => (candle.time - sampleTime(0)) / 60_000);

  it('answer the newest candles of a range, the oldest first', async () => {
    await using under = await open();
    const { journal, readModels } = await under.connect();
    const candles = Array.from({ length: 130 }, (_, minute) => sampleCandle({ time: sampleTime(minute) }));
    const others = [sampleCandle({ symbol: 'ETHUSDT' }), sampleCandle({ interval: '5m' })];
    await journal.append(createSampleJournal().next(), { ...NO_ROWS, candles: [...candles, ...others] });
    const series = { symbol: 'BTCUSDT', interval: '1m' } as const;
    expect(await readModels.candles({ ...series, last: 130 })).toEqual(candles);
    expect(minutesOf(await readModels.candles({ ...series, last: 3 }))).toEqual([127, 128, 129]);
    expect(minutesOf(await readModels.candles({ ...series, before: sampleTime(50), last: 2 }))).toEqual([48, 49]);
    const range = { from: sampleTime(10), before: sampleTime(12) };
    expect(minutesOf(await readModels.candles({ ...series, ...range, last: 100 }))).toEqual([10, 11]);
  });

  it('keep the newest state of a candle: closed before in progress, then the later price', async () => {
    await using under = await open();
    const { journal, readModels } = await under.connect();
    const entries = createSampleJournal();
    const at = (seconds: number) => (sampleTime(0) + seconds * 1000) as Instant;
    const states = [
      { closed: false, at: at(10), close: '1' },
      { closed: false, at: at(30), close: '3' },
      { closed: false, at: at(20), close: '2' },
      { closed: true, at: at(60), close: '6' },
      { closed: false, at: at(70), close: '7' },
    ];
    const seen: bigint[] = [];
    for (const state of states) {
      const candle = sampleCandle({ ...state, close: parsePrice(state.close) });
      await journal.append(entries.next(), { ...NO_ROWS, candles: [candle] });
      const [newest] = await readModels.candles({ symbol: 'BTCUSDT', interval: '1m', last: 1 });
      seen.push(newest!.close);
    }
    expect(seen).toEqual(['1', '3', '3', '6', '6'].map(parsePrice));
  });

  it('take the newest state of a candle out of one entry too', async () => {
    await using under = await open();
    const { journal, readModels } = await under.connect();
    const closed = sampleCandle({ close: parsePrice('6') });
    const candles = [sampleCandle({ closed: false, at: sampleTime(0) }), closed, sampleCandle({ closed: false })];
    await journal.append(createSampleJournal().next(), { ...NO_ROWS, candles });
    expect(await readModels.candles({ symbol: 'BTCUSDT', interval: '1m', last: 5 })).toEqual([closed]);
  });

  it('forget the oldest candles beyond their limit, in each series apart', async () => {
    await using under = await open({ retention: { candlesMax: 5, signalsMax: 5, equityPointsMax: 5 } });
    const { journal, readModels } = await under.connect();
    const entries = createSampleJournal();
    for (let round = 0; round < 4; round++) {
      const candles = [0, 1, 2].map((n) => sampleCandle({ time: sampleTime(round * 3 + n) }));
      const eth = sampleCandle({ symbol: 'ETHUSDT', time: sampleTime(round) });
      await journal.append(entries.next(), { ...NO_ROWS, candles: [...candles, eth] });
    }
    const symbol = async (name: string) =>
      minutesOf(await readModels.candles({ symbol: name, interval: '1m', last: 99 }));
    expect(await symbol('BTCUSDT')).toEqual([7, 8, 9, 10, 11]);
    expect(await symbol('ETHUSDT')).toEqual([0, 1, 2, 3]);
  });
}

function equityContract(open: OpenStoreUnderTest): void {
  const curve = (count: number) =>
    Array.from({ length: count }, (_, minute) => samplePoint('acc-1', minute, String(5000 + (minute % 10))));

  it('answer a short curve whole, from and to included', async () => {
    await using under = await open();
    const { journal, readModels } = await under.connect();
    const points = curve(20);
    const rows = { ...NO_ROWS, equity: [...points, samplePoint('acc-2', 3, '1')] };
    await journal.append(createSampleJournal().next(), rows);
    expect(await readModels.equity({ accountId: 'acc-1', pointsMax: 20 })).toEqual(points);
    const range = { from: sampleTime(4), to: sampleTime(6) };
    expect(await readModels.equity({ accountId: 'acc-1', ...range, pointsMax: 20 })).toEqual(points.slice(4, 7));
    expect(await readModels.equity({ accountId: 'nobody', pointsMax: 20 })).toEqual([]);
  });

  it('thin a long curve: both ends, and the lowest and highest of every stretch, stay', async () => {
    await using under = await open();
    const { journal, readModels } = await under.connect();
    const points = curve(1000).map((point, minute) => {
      if (minute === 333) return samplePoint('acc-1', 333, '4321.00000001');
      return minute === 666 ? samplePoint('acc-1', 666, '9876.5') : point;
    });
    await journal.append(createSampleJournal().next(), { ...NO_ROWS, equity: points });
    for (const pointsMax of [2, 3, 50, 51, 999]) {
      const thinned = await readModels.equity({ accountId: 'acc-1', pointsMax });
      expect(thinned.length).toBeLessThanOrEqual(pointsMax);
      expect([thinned[0], thinned.at(-1)]).toEqual([points[0], points[999]]);
      expect(thinned).toEqual([...thinned].sort((a, b) => a.time - b.time));
      const hasExtremes = [333, 666].every((minute) => thinned.some((point) => point.time === sampleTime(minute)));
      expect(hasExtremes).toBe(pointsMax > 3);
    }
  });

  it('keep the newest of two points at one time', async () => {
    await using under = await open();
    const { journal, readModels } = await under.connect();
    const entries = createSampleJournal();
    await journal.append(entries.next(), {
      ...NO_ROWS,
      equity: [samplePoint('acc-1', 1, '1'), samplePoint('acc-1', 1, '2')],
    });
    await journal.append(entries.next(), { ...NO_ROWS, equity: [samplePoint('acc-1', 1, '3')] });
    expect(await readModels.equity({ accountId: 'acc-1', pointsMax: 9 })).toEqual([samplePoint('acc-1', 1, '3')]);
  });

  it('thin with age: of each hour before the last two days the first, lowest, highest and last point stay', async () => {
    await using under = await open();
    const { journal, readModels } = await under.connect();
    const entries = createSampleJournal();
    const points = Array.from({ length: 400 }, (_, n) =>
      samplePoint('acc-1', n * 10, String(5000 + ((n * 7919) % 97))),
    );
    for (let from = 0; from < points.length; from += 150) {
      await journal.append(entries.next(), { ...NO_ROWS, equity: points.slice(from, from + 150) });
    }
    const whole = points.filter(({ time }) => time <= sampleTime(3990 - 2 * 1_440 - 30));
    const gone = new Set(superfluous(whole, HOUR_MS));
    expect(gone.size).toBeGreaterThan(20);
    expect(await readModels.equity({ accountId: 'acc-1', pointsMax: 400 })).toEqual(
      points.filter((point) => !gone.has(point)),
    );
  });

  it('tell the closing equity of each day, midnight included, day by day or page by page', async () => {
    await using under = await open();
    const { journal, readModels } = await under.connect();
    const at = (hours: number, equity: string) => samplePoint('acc-1', hours * 60, equity);
    const equity = [
      at(0, '1'),
      at(5, '2'),
      at(24, '3'),
      at(25, '4'),
      at(26, '5'),
      at(100, '6'),
      at(120, '7'),
      at(121, '8'),
    ];
    const other = samplePoint('acc-2', 30 * 60, '9');
    await journal.append(createSampleJournal().next(), { ...NO_ROWS, equity: [...equity, other] });
    const closings = async (query: Partial<ClosingEquityQuery>) =>
      (await readModels.closingEquity({ accountId: 'acc-1', daysMax: 9, ...query })).map((point) => [
        (point.time - sampleTime(0)) / HOUR_MS,
        point,
      ]);
    const [first, second, third, fourth, fifth] = [at(0, '1'), at(24, '3'), at(26, '5'), at(120, '7'), at(121, '8')];
    const all = [[0, first], [24, second], [26, third], [120, fourth], [121, fifth]]; // prettier-ignore
    expect(await closings({})).toEqual(all);
    expect(await closings({ daysMax: 2 })).toEqual(all.slice(0, 2));
    expect(await closings({ after: sampleTime(24 * 60), daysMax: 1 })).toEqual([all[2]]);
    const between = { after: sampleTime(5 * 60), to: sampleTime(25 * 60) };
    expect(await closings(between)).toEqual([all[1], [25, at(25, '4')]]);
    expect(await closings({ accountId: 'nobody' })).toEqual([]);
  });

  it('forget the oldest points beyond their limit', async () => {
    await using under = await open({ retention: { candlesMax: 5, signalsMax: 5, equityPointsMax: 5 } });
    const { journal, readModels } = await under.connect();
    await journal.append(createSampleJournal().next(), { ...NO_ROWS, equity: curve(12) });
    expect(await readModels.equity({ accountId: 'acc-1', pointsMax: 99 })).toEqual(curve(12).slice(7));
  });
}
