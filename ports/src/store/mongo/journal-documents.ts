/**
 * A journal entry as ONE document: the entry field by field, and under `rows` what the read models need beside it, so
 * that a crash between the commit and the read models loses nothing. `crc` is over the entry's canonical bytes.
 */
import type { CommandStep } from '@kairos/schema';
import { ValueError } from '@kairos/schema';
import { BSON } from 'mongodb';
import { crc32c } from '../../crc32c.js';
import { isPortError, PortError } from '../../errors.js';
import { encodeEntry, entryCodec } from '../entry-codec.js';
import type { JournalEntry } from '../journal.js';
import type { ReadModelRows, TakenCommand } from '../read-models.js';
import type { BsonCodec } from './bson-codec.js';
import { documentCodec, listBson, textBson } from './bson-codec.js';
import type { StoredDocument } from './documents.js';
import { candleBson, commandBson, pointBson, signalBson, stepBson } from './documents.js';

/** Largest journal document: half of what MongoDB takes, so that no server's own additions ever matter. */
export const JOURNAL_DOCUMENT_BYTES_MAX = 8 * 1024 * 1024;

const entryBson = documentCodec<JournalEntry>('journal entry', entryCodec);

const textsBson = listBson(textBson);
const takenBson: BsonCodec<TakenCommand> = {
  types: ['object'],
  write: ({ command, accountIds }) => ({
    command: commandBson.write(command),
    accountIds: textsBson.write(accountIds),
  }),
  read(input) {
    const { command, accountIds } = input as Record<string, unknown>;
    return { command: commandBson.read(command), accountIds: textsBson.read(accountIds) };
  },
};

type ExtraStep = CommandStep & { readonly commandId: string };
const extraStepBson: BsonCodec<ExtraStep> = {
  types: ['object'],
  write: (step) => ({ commandId: textBson.write(step.commandId), ...stepBson.write(step) }),
  read: (input) => ({ ...stepBson.read(input), commandId: textBson.read((input as { commandId: unknown }).commandId) }),
};

const ROW_LISTS: { readonly [K in keyof ReadModelRows]: BsonCodec<ReadModelRows[K]> } = {
  candles: listBson(candleBson),
  signals: listBson(signalBson),
  equity: listBson(pointBson),
  commands: listBson(takenBson),
  steps: listBson(extraStepBson),
};
const LIST_NAMES = Object.keys(ROW_LISTS) as (keyof ReadModelRows)[];

/** By name of the field, for the collection's validator. */
export const JOURNAL_FIELDS: Readonly<Record<string, Pick<BsonCodec<unknown>, 'types'>>> = {
  ...entryBson.fields,
  rows: { types: ['object'] },
  crc: { types: ['int', 'long', 'double'] },
};

/** What a journal document says. */
export interface StoredEntry {
  readonly entry: JournalEntry;
  readonly rows: ReadModelRows;
  /** The entry's canonical bytes: their checksum has been found right. */
  readonly bytes: Uint8Array;
}

export const journalId = (shard: number, entry: number): string => `${shard}:${entry}`;

/**
 * @param bytes The entry's canonical bytes.
 * @throws PortError INVALID when the document would be too large, or a value has no form in MongoDB.
 */
export function writeJournalDocument(entry: JournalEntry, rows: ReadModelRows, bytes: Uint8Array): StoredDocument {
  const name = `entry ${entry.entry} of shard ${entry.shard}`;
  const document = {
    _id: journalId(entry.shard, entry.entry),
    ...writeParts(name, entry, rows),
    crc: crc32c(bytes),
  };
  if (isSurelySmall(rows, bytes)) return document;
  const size = BSON.calculateObjectSize(document);
  if (size <= JOURNAL_DOCUMENT_BYTES_MAX) return document;
  throw new PortError(
    'INVALID',
    `expected a journal document of at most ${JOURNAL_DOCUMENT_BYTES_MAX} bytes, found ${size} in ${name}: commit less at once`,
  );
}

/** More than a byte of canonical JSON, and more than a row, ever comes to in BSON. */
const BYTES_PER_BYTE = 4;
const BYTES_PER_ROW = 4_096;

/** Measuring a document takes as long as writing it: most are so much smaller than the limit that nobody need look. */
function isSurelySmall(rows: ReadModelRows, bytes: Uint8Array): boolean {
  const count = LIST_NAMES.reduce((sum, list) => sum + rows[list].length, 0);
  // A command has its accounts, and settings with as many symbols as they may have.
  const extra = rows.commands.reduce((sum, { accountIds }) => sum + accountIds.length + 2, 0);
  return BYTES_PER_BYTE * bytes.length + BYTES_PER_ROW * (count + extra) <= JOURNAL_DOCUMENT_BYTES_MAX;
}

function writeParts(name: string, entry: JournalEntry, rows: ReadModelRows): Record<string, unknown> {
  try {
    const lists = LIST_NAMES.map((list) => [list, ROW_LISTS[list].write(rows[list] as never)]);
    return { ...entryBson.write(entry), rows: Object.fromEntries(lists) };
  } catch (error) {
    throw isPortError(error, 'INVALID') ? new PortError('INVALID', `${name}: ${error.message}`, error) : error;
  }
}

/** Which document is read. */
export interface Place {
  readonly database: string;
  readonly shard: number;
  readonly entry: number;
}

/** @throws PortError CORRUPT when the document is not what was written. */
export function readJournalDocument(document: StoredDocument, place: Place): StoredEntry {
  try {
    const entry = entryBson.read(document);
    const bytes = encodeEntry(entry);
    if (crc32c(bytes) !== document['crc']) throw corrupt(place, 'its checksum does not fit its fields');
    if (entry.shard !== place.shard || entry.entry !== place.entry) {
      throw corrupt(place, `its fields are those of entry ${entry.entry} of shard ${entry.shard}`);
    }
    const stored = (document['rows'] ?? {}) as Record<string, unknown>;
    const lists = LIST_NAMES.map((list) => [list, ROW_LISTS[list].read(stored[list])]);
    return { entry, bytes, rows: Object.fromEntries(lists) as unknown as ReadModelRows };
  } catch (error) {
    if (error instanceof ValueError) throw corrupt(place, error.message);
    throw error;
  }
}

export const corrupt = ({ database, shard, entry }: Place, found: string): PortError =>
  new PortError(
    'CORRUPT',
    `database ${database}, collection journal, shard ${shard}, entry ${entry}: ${found}; nothing after it can be trusted: restore the database from a backup`,
  );
