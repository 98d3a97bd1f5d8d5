/** The store contract: signals, their filters, pages and retention. */
import type { Instant } from '@kairos/schema';
import { describe, expect, it } from 'vitest';
import { allPages } from './paging.contract.js';
import type { SignalQuery } from './read-models.js';
import type { Retention } from './retention.js';
import { createSampleBooks, sampleSignalId } from './sample-books.js';
import { createSampleJournal, NO_ROWS, sampleSignal, sampleTime } from './samples.js';
import type { OpenStoreUnderTest } from './store.contract.js';

export function signalsContract(open: OpenStoreUnderTest): void {
  describe('signals', () => {
    const signals = [0, 1, 2, 3, 4, 5].flatMap((minute) => [
      sampleSignal({ symbol: 'AAA', time: sampleTime(minute), action: 'BUY', confidence: minute / 10 }),
      sampleSignal({ symbol: 'BBB', time: sampleTime(minute), votes: null, horizonSeconds: null }),
      sampleSignal({ symbol: 'CCC', time: sampleTime(minute), action: 'SELL', confidence: 0.5 }),
    ]);
    const shortName = (signal: { symbol: string; time: Instant }) =>
      `${signal.symbol[0]}${(signal.time - sampleTime(0)) / 60_000}`;

    async function withSignals(retention?: Retention) {
      const under = await open(retention ? { retention } : {});
      const store = await under.connect();
      const entries = createSampleJournal();
      await store.journal.append(entries.next(), { ...NO_ROWS, signals });
      return { under, entries, ...store };
    }

    const queries: readonly [string, SignalQuery, string[]][] = [
      ['all, the newest first', { from: sampleTime(4) }, ['C5', 'B5', 'A5', 'C4', 'B4', 'A4']],
      ['one symbol', { symbols: ['BBB'] }, ['B5', 'B4', 'B3', 'B2', 'B1', 'B0']],
      ['some symbols', { symbols: ['CCC', 'AAA'], to: sampleTime(2) }, ['C1', 'A1', 'C0', 'A0']],
      ['no symbol', { symbols: [] }, []],
      ['an action', { action: 'SELL', from: sampleTime(4) }, ['C5', 'C4']],
      ['a confidence', { minConfidence: 0.5, from: sampleTime(4) }, ['C5', 'B5', 'A5', 'C4', 'B4']],
      ['a range of time', { symbols: ['AAA'], from: sampleTime(1), to: sampleTime(3) }, ['A2', 'A1']],
    ];
    it.each(queries)('give signals: %s', async (_, query, expected) => {
      const { under, readModels } = await withSignals();
      await using _under = under;
      const found = await allPages((page) => readModels.signals(query, page), 2);
      expect(found.map(shortName)).toEqual(expected);
      expect(await readModels.countSignals(query, 100)).toBe(expected.length);
    });

    it.each([{}, { symbols: ['AAA', 'BBB', 'CCC'] }])(
      'go on with a page of %j, whatever came meanwhile',
      async (query) => {
        const { under, entries, journal, readModels } = await withSignals();
        await using _under = under;
        const first = await readModels.signals(query, { first: 7, after: null });
        const late = [
          sampleSignal({ symbol: 'AAA', time: sampleTime(9) }),
          sampleSignal({ symbol: 'BBB', time: sampleTime(8) }),
        ];
        await journal.append(entries.next(), { ...NO_ROWS, signals: late });
        const rest = await readModels.signals(query, { first: 100, after: first.rows.at(-1)!.cursor });
        const newestFirst = [...signals].reverse();
        expect([...first.rows, ...rest.rows].map(({ row }) => shortName(row))).toEqual(newestFirst.map(shortName));
      },
    );

    it('give signals by id, in the order asked for, as they were first taken', async () => {
      const { under, entries, journal, readModels } = await withSignals();
      await using _under = under;
      const again = { ...signals[4]!, confidence: 0.1 };
      await journal.append(entries.next(), { ...NO_ROWS, signals: [again] });
      const ids = [signals[4]!.id, 'nothing', signals[0]!.id];
      expect(await readModels.signalsById(ids)).toEqual([signals[4], signals[0]]);
    });

    it('forget the oldest signals beyond their limit, but none that was decided on', async () => {
      const { under, entries, journal, readModels } = await withSignals({
        candlesMax: 9,
        signalsMax: 9,
        equityPointsMax: 9,
      });
      await using _under = under;
      expect(await readModels.countSignals({}, 100)).toBe(9);
      const books = createSampleBooks();
      const decided = sampleSignal({ id: sampleSignalId('AAA', 6), symbol: 'AAA', time: sampleTime(6), action: 'BUY' });
      const events = [books.opened(), books.buys('AAA', 6)];
      await journal.append(entries.next({ events }), { ...NO_ROWS, signals: [decided] });
      const many = Array.from({ length: 30 }, (_, n) => sampleSignal({ symbol: 'DDD', time: sampleTime(7 + n) }));
      for (const signal of many) await journal.append(entries.next(), { ...NO_ROWS, signals: [signal] });
      const left = (await allPages((page) => readModels.signals({}, page), 5)).map(shortName);
      expect(left).toEqual(['D36', 'D35', 'D34', 'D33', 'D32', 'D31', 'D30', 'D29', 'D28', 'A6']);
    });
  });
}
