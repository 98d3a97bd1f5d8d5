import { DENIAL_REASONS, type Money } from '@kairos/schema';
import fc from 'fast-check';
import { BSON, Decimal128 } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { encodeEntry } from '../entry-codec.js';
import type { JournalEntry } from '../journal.js';
import type { ReadModelRows } from '../read-models.js';
import { createSampleBooks } from '../sample-books.js';
import {
  createSampleJournal,
  NO_ROWS,
  sampleCandle,
  sampleCommand,
  sampleEntry,
  sampleMark,
  samplePoint,
  samplePriceBook,
  sampleSignal,
  sampleStep,
  sampleTime,
} from '../samples.js';
import type { StoredDocument } from './documents.js';
import { JOURNAL_DOCUMENT_BYTES_MAX, readJournalDocument, writeJournalDocument } from './journal-documents.js';

const PLACE = { database: 'crypto_trading_db', shard: 0, entry: 1 };

const written = (entry: JournalEntry, rows: ReadModelRows = NO_ROWS): StoredDocument =>
  BSON.deserialize(BSON.serialize(writeJournalDocument(entry, rows, encodeEntry(entry)))) as StoredDocument;

/** An entry that uses every field. */
function fullEntry(fields: Partial<JournalEntry> = {}): JournalEntry {
  const books = createSampleBooks();
  const events = [books.opened(), books.buys('BTCUSDT', 1), books.denies('ETHUSDT', 2)];
  return createSampleJournal().next({
    events: [...events, books.sells('BTCUSDT', 3, { pnl: '-1.00000001' }), books.obeys('TRADING_PAUSED', 'cmd', 4)],
    prices: [samplePriceBook('BTCUSDT', '68234.123456789012', 3)],
    signals: [{ id: 'sig-1', time: sampleTime(1), content: '{"a":1}' }],
    positions: { 'crypto.market_data:0': 7, 'crypto.ml_signals:7': 2 ** 40 },
    ...fields,
  });
}

const ROWS: ReadModelRows = {
  candles: [sampleCandle()],
  signals: [sampleSignal(), sampleSignal({ symbol: 'ETHUSDT', votes: null, horizonSeconds: null })],
  equity: [samplePoint('acc-1', 1, '-0.00000001')],
  commands: [
    { command: sampleCommand(), accountIds: ['acc-1', 'acc-2'] },
    { command: sampleCommand({ id: 'cmd-2', settings: { stopLoss: null, maxOpenPositions: 3 } }), accountIds: [] },
  ],
  steps: [{ ...sampleStep({ accountId: 'acc-9', kind: 'REFUSED', refusal: 'NOT_FOUND' }), commandId: 'cmd-1' }],
};

describe('journal documents', () => {
  it('give back entry and rows as they were written', () => {
    const entry = fullEntry();
    const read = readJournalDocument(written(entry, ROWS), PLACE);
    expect(read.entry).toEqual(entry);
    expect(read.rows).toEqual(ROWS);
    expect(Buffer.from(read.bytes).equals(Buffer.from(encodeEntry(entry)))).toBe(true);
  });

  it('give back bytes equal to those of the entry, whatever stands in it', () => {
    const text = fc
      .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 10 })
      .map((units) => String.fromCharCode(...units));
    const money = fc.bigInt(-(10n ** 23n) + 1n, 10n ** 23n - 1n) as fc.Arbitrary<Money>;
    const letter = fc.record({ key: fc.option(text), value: text, reason: text });
    fc.assert(
      fc.property(
        fc.dictionary(text, fc.nat()),
        fc.array(letter, { maxLength: 3 }),
        money,
        fc.constantFrom(...DENIAL_REASONS),
        (positions, letters, peakEquity, reason) => {
          const books = createSampleBooks();
          const place = { topic: 't', partition: 1, offset: 2 ** 50, time: sampleTime(1) };
          const entry = fullEntry({
            positions,
            deadLetters: letters.map((each) => ({ ...place, ...each })),
            marks: [sampleMark('acc-1', { peakEquity })],
            events: [books.opened(), books.denies('AAA', 1, reason)],
          });
          const { bytes } = readJournalDocument(written(entry), PLACE);
          expect(Buffer.compare(bytes, encodeEntry(entry))).toBe(0);
        },
      ),
      { numRuns: 300 },
    );
  });

  const damages: readonly [string, (document: Record<string, unknown>) => void][] = [
    ['its owner', (document) => (document['owner'] = 'somebody')],
    ['its checksum', (document) => (document['crc'] = Number(document['crc']) ^ 1)],
    ['its checksum, gone', (document) => delete document['crc']],
    ['a list, shorter', (document) => (document['events'] as unknown[]).pop()],
    ['a position', (document) => ((document['positions'] as { v: number }[])[0]!.v += 1)],
    ['a time', (document) => (document['committedAt'] = new Date(0))],
    ['a time of another type', (document) => (document['committedAt'] = 'yesterday')],
    [
      'money by its last digit',
      (document) => {
        const event = (document['events'] as { account: Record<string, unknown> }[])[0]!;
        event.account['cash'] = Decimal128.fromString('5000.00000001');
      },
    ],
    ['its number', (document) => (document['entry'] = 2)],
  ];
  it.each(damages)('are refused when somebody changed %s, with the place and what to do', (_, damage) => {
    const document = { ...written(fullEntry(), ROWS) };
    damage(document);
    const read = () => readJournalDocument(document, PLACE);
    expect(read).toThrow(/database crypto_trading_db, collection journal, shard 0, entry 1: .*restore the database/);
    expect(read).toThrow(expect.objectContaining({ code: 'CORRUPT' }));
  });

  it('are refused under the number of another entry, though their checksum fits', () => {
    const read = () => readJournalDocument(written(sampleEntry({ entry: 7 })), PLACE);
    expect(read).toThrow(/entry 1: its fields are those of entry 7 of shard 0/);
  });

  it('are refused before anything is sent when they are too large', () => {
    const content = 'x'.repeat(1024);
    const marks = (count: number) =>
      Array.from({ length: count }, (_, n) => ({ id: `sig-${n}`, time: sampleTime(n), content }));
    const fits = sampleEntry({ signals: marks(Math.floor(JOURNAL_DOCUMENT_BYTES_MAX / 1100)) });
    expect(written(fits)).toMatchObject({ entry: 1 });
    const tooLarge = sampleEntry({ signals: marks(JOURNAL_DOCUMENT_BYTES_MAX / 1024) });
    expect(() => written(tooLarge)).toThrow(/at most 8388608 bytes, found \d+ in entry 1 of shard 0: commit less/);
    expect(() => written(tooLarge)).toThrow(expect.objectContaining({ code: 'INVALID' }));
  });

  it('are refused when a value has no form in MongoDB', () => {
    const write = () => written(sampleEntry({ marks: [sampleMark('a', { peakEquity: (10n ** 35n) as Money })] }));
    expect(write).toThrow(expect.objectContaining({ code: 'INVALID' }));
  });
});
