/**
 * The journal in MongoDB: an entry is one insert of one document, and that insert is the commit and the fence. The read
 * models follow soon after; who opens the journal first sees to what a process that died has left out.
 */
import { ENTRY_BYTES_MAX } from '@kairos/schema';
import type { Log } from '../../log/log.js';
import { isPortError, PortError } from '../../errors.js';
import { checkAppend, makesSafer } from '../append-rules.js';
import { encodeEntry } from '../entry-codec.js';
import type { JournalEntry, JournalHead } from '../journal.js';
import type { Changes } from '../projection.js';
import { project, withAccountChange } from '../projection.js';
import type { Journal } from '../store.js';
import type { Connection } from './connection.js';
import { CALL_MS_MAX, SLOW_CALL_MS_MAX } from './connection.js';
import type { StoredDocument } from './documents.js';
import type { StoredEntry } from './journal-documents.js';
import { corrupt, journalId, readJournalDocument, writeJournalDocument } from './journal-documents.js';
import { isDuplicateKey } from './mongo-error.js';
import type { Projector } from './projector.js';
import { createSnapshots } from './snapshots.js';
import type { WorldTables } from './world-tables.js';

/** Documents read at a time: few at first, then as many as come to PAGE_BYTES, so that each read ends in its time. */
const PAGE_DOCUMENTS_MIN = 4;
const PAGE_DOCUMENTS_MAX = 100;
const PAGE_BYTES = 4 * 1024 * 1024;
/** Canonical bytes after which a read ends before its limit. */
const READ_BYTES_MAX = 16 * 1024 * 1024;

export interface MongoJournalDeps {
  readonly connection: Connection;
  readonly tables: WorldTables;
  readonly projectorOf: (shard: number) => Projector;
  readonly log?: Log | undefined;
}

export function createMongoJournal(deps: MongoJournalDeps): Journal {
  const { connection, tables, projectorOf, log } = deps;
  /** Per shard an entry that is known to be there for good: the one after it needs no look before it is inserted. */
  const known = new Map<number, JournalHead>();
  /** Per shard how long each call of the next append may take, after one that did not work: twice as long as before. */
  const patience = new Map<number, number>();

  const takeStored = ({ entry, rows }: StoredEntry): void => {
    projectorOf(entry.shard).offer(project(entry, rows));
  };

  /** Whether the entry is to be inserted; false when it is there already. @throws PortError */
  const isToInsert = async (entry: JournalEntry, bytes: Uint8Array, limitMs: number): Promise<boolean> => {
    const tip = known.get(entry.shard);
    const isNext = tip && entry.entry === tip.entry + 1 && entry.epoch >= tip.epoch;
    if (isNext && bytes.length <= ENTRY_BYTES_MAX) return true;
    const head = await headOf(deps, entry.shard, limitMs);
    const stored = entry.entry <= head.entry ? await storedEntry(deps, entry, limitMs) : null;
    if (checkAppend(entry, { head, stored: stored?.bytes ?? null, bytes })) return true;
    if (stored) takeStored(stored);
    return false;
  };

  /** The entry's number is taken: by the entry itself, whose earlier insert was not known to have worked, or by another. */
  const onTaken = async (entry: JournalEntry, bytes: Uint8Array, limitMs: number): Promise<void> => {
    known.delete(entry.shard);
    const stored = await storedEntry(deps, entry, limitMs);
    if (!stored) {
      throw new PortError('UNAVAILABLE', `${nameOf(entry)} is stored, but not on most servers yet; try again`);
    }
    checkAppend(entry, { head: stored.entry, stored: stored.bytes, bytes });
    takeStored(stored);
  };

  const insert = async (document: StoredDocument, limitMs: number): Promise<void> => {
    const insertOne = () => tables.journal.collection.insertOne(document, { maxTimeMS: CALL_MS_MAX });
    await connection.run('journal.append', insertOne, { limitMs });
  };

  return {
    async head(shard) {
      const head = await headOf(deps, shard, CALL_MS_MAX);
      if (head.entry > 0) await projectorOf(shard).reach(head.entry);
      known.set(shard, head);
      return head;
    },
    async append(entry, rows) {
      const bytes = encodeEntry(entry);
      const changes = project(entry, rows);
      checkOpenings(changes);
      const document = writeJournalDocument(entry, rows, bytes);
      const projector = projectorOf(entry.shard);
      if (!makesSafer(entry)) await projector.room();
      const limitMs = patience.get(entry.shard) ?? CALL_MS_MAX;
      patience.set(entry.shard, Math.min(2 * limitMs, SLOW_CALL_MS_MAX));
      if (await isToInsert(entry, bytes, limitMs)) {
        try {
          await insert(document, limitMs);
          projector.offer(changes);
        } catch (error) {
          if (!isPortError(error, 'CONFLICT') || !isDuplicateKey(error.cause)) throw error;
          await onTaken(entry, bytes, limitMs);
        }
      }
      patience.delete(entry.shard);
      known.set(entry.shard, { entry: entry.entry, epoch: entry.epoch, owner: entry.owner });
    },
    async read(shard, afterEntry, limit) {
      const entries = await readStored(deps, shard, { afterEntry, limit });
      return entries.map(({ entry }) => entry);
    },
    ...createSnapshots(tables, log),
  };
}

const nameOf = (entry: JournalEntry): string => `entry ${entry.entry} of shard ${entry.shard}`;

/** @throws PortError INVALID when an account is opened without its mark. */
function checkOpenings(changes: Changes): void {
  for (const change of changes.accounts) if (change.events[0]?.seq === 1) withAccountChange(null, change);
}

async function headOf({ tables }: MongoJournalDeps, shard: number, limitMs: number): Promise<JournalHead> {
  const projection = { entry: 1, epoch: 1, owner: 1 };
  const found = await tables.journal.findOne({ filter: { shard }, sort: { entry: -1 }, projection, limitMs });
  if (!found) return { entry: 0, epoch: 0, owner: null };
  return { entry: found['entry'] as number, epoch: found['epoch'] as number, owner: found['owner'] as string };
}

async function storedEntry(
  deps: MongoJournalDeps,
  { shard, entry }: Pick<JournalEntry, 'shard' | 'entry'>,
  limitMs: number,
): Promise<StoredEntry | null> {
  const found = await deps.tables.journal.findOne({ filter: { _id: journalId(shard, entry) }, limitMs });
  return found && readJournalDocument(found, { database: deps.connection.database, shard, entry });
}

export interface Range {
  readonly afterEntry: number;
  readonly limit: number;
}

/** Documents for the next page, by what those before came to. */
function pageSize(documents: number, bytes: number): number {
  if (documents === 0) return PAGE_DOCUMENTS_MIN;
  return Math.max(1, Math.min(PAGE_DOCUMENTS_MAX, Math.floor((PAGE_BYTES * documents) / bytes)));
}

/** Entries in order, up to the limit or READ_BYTES_MAX. @throws PortError CORRUPT */
export async function readStored(
  { connection, tables }: Pick<MongoJournalDeps, 'connection' | 'tables'>,
  shard: number,
  { afterEntry, limit }: Range,
): Promise<StoredEntry[]> {
  const { database } = connection;
  const entries: StoredEntry[] = [];
  let bytes = 0;
  while (entries.length < limit && bytes < READ_BYTES_MAX) {
    const after = afterEntry + entries.length;
    const size = Math.min(limit - entries.length, pageSize(entries.length, bytes));
    const filter = { shard, entry: { $gt: after } };
    const page = await tables.journal.find({ filter, sort: { entry: 1 }, limit: size });
    for (const [index, document] of page.entries()) {
      const place = { database, shard, entry: after + 1 + index };
      const found = Number(document['entry']);
      if (found !== place.entry) throw corrupt(place, `it is missing, entry ${found} comes next`);
      const stored = readJournalDocument(document, place);
      entries.push(stored);
      bytes += stored.bytes.length;
    }
    if (page.length < size) break;
  }
  return entries;
}
