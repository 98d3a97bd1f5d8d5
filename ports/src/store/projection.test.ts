import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parsePrice, type Instant, type TradingEvent } from '@kairos/schema';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../clock/system.js';
import type { JournalEntry } from './journal.js';
import { createMemoryReadModels } from './memory/memory-read-models.js';
import { createMemoryStoreServer } from './memory/memory-store.js';
import { newerPrice, project } from './projection.js';
import type { ReadModelRows, ReadModels } from './read-models.js';
import { RETENTION } from './retention.js';
import type { SampleBooks } from './sample-books.js';
import { createSampleBooks } from './sample-books.js';
import {
  createSampleJournal,
  NO_ROWS,
  sampleCandle,
  sampleCommand,
  sampleMark,
  samplePoint,
  samplePriceBook,
  sampleSignal,
  sampleStep,
  sampleTime,
} from './samples.js';
import { applyChanges } from './sqlite/apply-changes.js';
import { openConnection } from './sqlite/connection.js';
import { JOURNAL_SCHEMA } from './sqlite/journal-schema.js';
import { createSqliteReadModels } from './sqlite/sqlite-read-models.js';
import { openSqliteStore } from './sqlite/sqlite-store.js';

const ACCOUNTS = ['acc-1', 'acc-2', 'acc-3'];
const SYMBOLS = ['AAA', 'BBB'];

/** One thing that happens, of numbers that say which. */
type Step = readonly [account: number, symbol: number, what: number];
type History = readonly (readonly Step[])[];

const histories: fc.Arbitrary<History> = fc.array(
  fc.array(fc.tuple(fc.nat(2), fc.nat(1), fc.nat(6)), { maxLength: 6 }),
  { minLength: 1, maxLength: 12 },
);

interface Commit {
  readonly entry: JournalEntry;
  readonly rows: ReadModelRows;
}

/** The commits of a history: an account is opened when it is first named. */
function commitsOf(history: History): Commit[] {
  const books = new Map<string, SampleBooks>();
  const entries = createSampleJournal();
  return history.map((steps, minute) => {
    const events = steps.flatMap((step) => eventsOf(books, step, minute));
    const opened = events.filter((event) => event.type === 'ACCOUNT_OPENED').map((event) => event.accountId);
    const moved = steps.filter(([, , what]) => what === 5).map(([account]) => ACCOUNTS[account]!);
    const marks = [...new Set([...opened, ...moved])].map((id) =>
      sampleMark(id, { peakPrices: { [`at ${minute}`]: parsePrice(String(minute + 1)) } }),
    );
    const prices = steps.map(([, symbol]) => samplePriceBook(SYMBOLS[symbol]!, String(100 + minute), minute));
    return {
      entry: entries.next({ events, marks, prices, worldTime: sampleTime(minute) }),
      rows: rowsOf(steps, minute),
    };
  });
}

function eventsOf(books: Map<string, SampleBooks>, [account, symbol, what]: Step, minute: number): TradingEvent[] {
  const id = ACCOUNTS[account]!;
  const known = books.get(id);
  const own = known ?? createSampleBooks(id);
  books.set(id, own);
  const name = SYMBOLS[symbol]!;
  const isHeld = own.openTrades().some((trade) => trade.symbol === name);
  const opening = known ? [] : [own.opened()];
  if (what < 3 && !isHeld) return [...opening, own.buys(name, minute)];
  if (what < 3) return [...opening, own.sells(name, minute, { pnl: String(what - 1) })];
  if (what === 3) return [...opening, own.denies(name, minute)];
  return what === 4 ? [...opening, own.obeys('COMMAND_REFUSED', `cmd-${minute}`, minute)] : opening;
}

function rowsOf(steps: readonly Step[], minute: number): ReadModelRows {
  return {
    candles: steps.map(([, symbol, what]) =>
      sampleCandle({
        symbol: SYMBOLS[symbol]!,
        time: sampleTime(minute - (minute % 3)),
        at: sampleTime(minute) as Instant,
        closed: what === 6,
        close: parsePrice(String(minute + what + 1)),
      }),
    ),
    signals: steps.map(([, symbol, what]) =>
      sampleSignal({ symbol: SYMBOLS[symbol]!, time: sampleTime(minute), confidence: what / 10 }),
    ),
    equity: steps.map(([account, , what]) => samplePoint(ACCOUNTS[account]!, minute, String(5000 + what))),
    commands: steps.map(([account]) => ({
      command: sampleCommand({ id: `cmd-${minute % 4}` }),
      accountIds: [ACCOUNTS[account]!],
    })),
    steps: steps.filter(([, , what]) => what === 6).map(() => ({ ...sampleStep(), commandId: `cmd-${minute % 4}` })),
  };
}

type Answering = Pick<ReadModels, Exclude<keyof ReadModels, 'version'>>;

/** Everything that can be asked of a small world. */
async function answers(models: Answering): Promise<unknown[]> {
  const page = { first: 100, after: null };
  const perAccount = ACCOUNTS.map((accountId) => [
    models.account(accountId),
    models.trades({ accountId }, page),
    models.trades({ accountId, status: 'CLOSED', profitable: true }, page),
    models.closedTrades(accountId, 2, 100),
    models.decisions({ accountId }, page),
    models.decisions({ accountId, reasons: ['LOW_CONFIDENCE'] }, page),
    models.events(accountId, 1, 100),
    models.equity({ accountId, pointsMax: 5 }),
    models.commandIds(accountId, 3),
  ]);
  const perSymbol = SYMBOLS.map((symbol) => [
    models.candles({ symbol, interval: '1m', last: 100 }),
    models.signals({ symbols: [symbol], minConfidence: 0.3 }, page),
  ]);
  const commands = [0, 1, 2, 3].flatMap((n) => [models.takenCommand(`cmd-${n}`), models.steps(`cmd-${n}`)]);
  const whole = [
    models.progress(),
    models.accounts(),
    models.prices(),
    models.signals({}, page),
    models.commandIds(null, 9),
  ];
  return Promise.all([...perAccount.flat(), ...perSymbol.flat(), ...commands, ...whole]);
}

/** The tables of both adapters, into which entries can be projected without a journal that refuses a second time. */
async function createTables() {
  const folder = mkdtempSync(join(tmpdir(), 'kairos-projection-'));
  const connection = await openConnection(join(folder, 'journal.db'), JOURNAL_SCHEMA, { clock: systemClock });
  const memory = createMemoryReadModels(RETENTION);
  const sqlite = createSqliteReadModels(connection, () => 0);
  return {
    async apply({ entry }: Commit) {
      // Candles and points have no number of their own: of those the one written last stays.
      const changes = project(entry, NO_ROWS);
      memory.prepare(changes)();
      await connection.write('apply', () => applyChanges(connection, changes, RETENTION));
    },
    answers: async () => [
      await answers(memory.queries as unknown as Answering),
      await answers(sqlite as unknown as Answering),
    ],
    async [Symbol.asyncDispose]() {
      connection.close();
      rmSync(folder, { recursive: true });
    },
  };
}

describe('projection', () => {
  it('gives the same answers from memory and from SQLite, whatever happened', async () => {
    await fc.assert(
      fc.asyncProperty(histories, async (history) => {
        const folder = mkdtempSync(join(tmpdir(), 'kairos-projection-'));
        const files = { appFile: join(folder, 'app.db'), journalFile: join(folder, 'journal.db') };
        const sqlite = await openSqliteStore(files, { clock: systemClock });
        const memory = createMemoryStoreServer().connect();
        for (const { entry, rows } of commitsOf(history)) {
          await sqlite.journal.append(entry, rows);
          await memory.journal.append(entry, rows);
        }
        expect(await answers(sqlite.readModels)).toEqual(await answers(memory.readModels));
        await sqlite.close();
        rmSync(folder, { recursive: true });
      }),
      { numRuns: 12 },
    );
  }, 60_000);

  it('may be made again of any entry, in any order, and changes nothing then', async () => {
    const run = async (history: History, numbers: Iterator<number>) => {
      await using tables = await createTables();
      const commits = commitsOf(history);
      for (const commit of commits) await tables.apply(commit);
      const before = await tables.answers();
      for (let again = 0; again < commits.length * 2; again++) {
        await tables.apply(commits[(numbers.next().value as number) % commits.length]!);
      }
      expect(await tables.answers()).toEqual(before);
    };
    await fc.assert(fc.asyncProperty(histories, fc.infiniteStream(fc.nat()), run), { numRuns: 12 });
  }, 60_000);

  it('of several shards keeps the price that is newer in world time', () => {
    const row = (shard: number, entry: number, minutes: number) => ({
      book: samplePriceBook('AAA', String(minutes), minutes),
      shard,
      entry,
    });
    expect(newerPrice(row(0, 9, 5), row(1, 1, 6))).toEqual(row(1, 1, 6));
    expect(newerPrice(row(0, 1, 6), row(1, 9, 5))).toEqual(row(0, 1, 6));
    expect(newerPrice(row(0, 1, 6), row(0, 2, 5))).toEqual(row(0, 2, 5));
    expect(newerPrice(row(0, 2, 5), row(0, 1, 6))).toEqual(row(0, 2, 5));
  });

  it('takes an entry whose rows repeat as if each stood there once', () => {
    const candle = sampleCandle();
    const signal = sampleSignal();
    const rows = { ...NO_ROWS, candles: [candle, candle], signals: [signal, { ...signal, confidence: 0 }] };
    const changes = project(createSampleJournal().next(), rows);
    expect(changes.candles).toEqual([candle]);
    expect(changes.signals).toEqual([signal]);
  });
});
