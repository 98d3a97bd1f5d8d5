import { formatDecimal, type Money, type Price } from '@kairos/schema';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeEntry, encodeEntry } from './entry-codec.js';
import { createSampleBooks } from './sample-books.js';
import { createSampleJournal, sampleEntry, sampleMark, sampleTime } from './samples.js';

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const written = (...args: Parameters<typeof encodeEntry>) => JSON.parse(text(encodeEntry(...args))) as never;

describe('journal entries as bytes', () => {
  it('are read as they were written', () => {
    const books = createSampleBooks();
    const events = [books.opened(), books.buys('BTCUSDT', 1), books.sells('BTCUSDT', 2, { pnl: '-0.00000001' })];
    const entry = createSampleJournal().next({ events, worldTime: null });
    expect(decodeEntry(encodeEntry(entry))).toEqual(entry);
  });

  it('write decimals as text, to the last digit', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 10n ** 23n - 1n), fc.bigInt(1n, 10n ** 27n - 1n), (money, price) => {
        const mark = sampleMark('a', { peakEquity: money as Money, peakPrices: { t: price as Price } });
        const entry = sampleEntry({ marks: [mark] });
        expect(decodeEntry(encodeEntry(entry))).toEqual(entry);
        expect(written(entry)).toMatchObject({
          marks: [{ peakEquity: formatDecimal(money, 8), peakPrices: { t: formatDecimal(price, 12) } }],
        });
      }),
    );
  });

  it('are the same whatever the order in which their maps were filled', () => {
    const at = [sampleTime(1), sampleTime(2)] as const;
    const a = sampleEntry({
      positions: { x: 1, y: 2 },
      marks: [sampleMark('a', { lastLossAt: { A: at[0], B: at[1] } })],
    });
    const b = sampleEntry({
      positions: { y: 2, x: 1 },
      marks: [sampleMark('a', { lastLossAt: { B: at[1], A: at[0] } })],
    });
    expect(text(encodeEntry(a))).toBe(text(encodeEntry(b)));
  });

  it('keep the keys of maps that look like the language itself', () => {
    const entry = sampleEntry({ positions: JSON.parse('{"__proto__":3,"constructor":4}') as Record<string, number> });
    expect(Object.entries(decodeEntry(encodeEntry(entry)).positions)).toEqual([
      ['__proto__', 3],
      ['constructor', 4],
    ]);
  });

  it('of a release that took every input in one step are read', () => {
    const entry = written(sampleEntry()) as { notes: Record<string, unknown> };
    delete entry.notes['partial'];
    expect(decodeEntry(new TextEncoder().encode(JSON.stringify(entry)))).toEqual(sampleEntry());
  });

  it.each([
    ['no JSON', '{'],
    ['a list', '[]'],
    ['a field missing', JSON.stringify({ shard: 0 })],
    ['a position that is no offset', JSON.stringify({ ...(written(sampleEntry()) as object), positions: { x: 1.5 } })],
    ['notes of another type', JSON.stringify({ ...(written(sampleEntry()) as object), notes: 7 })],
  ])('are refused when they are %s', (_, json) => {
    expect(() => decodeEntry(new TextEncoder().encode(json))).toThrow();
  });
});
