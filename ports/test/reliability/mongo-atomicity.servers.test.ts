/** One atomic write on MongoDB: all of an entry or none of it, whatever fails; one writer at a time, however many try. */
import type { Document } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { MongodServer } from '../../../scripts/servers/index.mjs';
import { startMongod } from '../../../scripts/servers/index.mjs';
import { isPortError } from '../../src/errors.js';
import type { TestDatabase } from '../../src/store/mongo/test-database.contract.js';
import { createDatabase } from '../../src/store/mongo/test-database.contract.js';
import { createSampleBooks } from '../../src/store/sample-books.js';
import * as samples from '../../src/store/samples.js';
import { changeFromFourProcesses, CHANGES, expectEveryChangeOnce, PROCESSES } from './four-writers.fixture.js';

let mongod: MongodServer;
beforeAll(async () => {
  mongod = await startMongod();
}, 180_000);
afterAll(() => mongod?.stop());

function newDatabase(): TestDatabase {
  const database = createDatabase(mongod.uri);
  onTestFinished(() => database[Symbol.asyncDispose]());
  return database;
}

const WRITES = ['insert', 'update', 'delete', 'findAndModify', 'bulkWrite'];
/** More statements than an entry's commit and read models take. */
const STATEMENTS_MAX = 60;

/** An account that trades, and then an entry with everything that an entry may have. */
function history() {
  const { sampleTime, sampleStep, sampleSignal, sampleCandle, samplePoint, sampleCommand } = samples;
  const books = createSampleBooks();
  const journal = samples.createSampleJournal();
  const first = journal.next({
    events: [books.opened(), books.buys('BTCUSDT', 1)],
    positions: { 'crypto.ml_signals:0': 1 },
  });
  const second = journal.next({
    events: [books.sells('BTCUSDT', 2, { pnl: '19' }), books.obeys('TRADING_PAUSED', 'cmd-1', 3)],
    prices: [samples.samplePriceBook('BTCUSDT', '68001', 2)],
    positions: { 'crypto.ml_signals:0': 2 },
    worldTime: sampleTime(3),
  });
  const rows = {
    candles: [sampleCandle()],
    signals: [sampleSignal({ time: sampleTime(2) })],
    equity: [samplePoint('acc-1', 2, '5019')],
    commands: [{ command: sampleCommand(), accountIds: ['acc-1'] }],
    steps: [{ ...sampleStep({ kind: 'REFUSED' as const }), commandId: 'cmd-1' }],
  };
  return { first, second, rows };
}

/** Every document that says something of the world, by collection. */
async function dump({ db }: TestDatabase): Promise<Readonly<Record<string, Document[]>>> {
  const names = (await db.listCollections().toArray()).map(({ name }) => name).sort();
  const contents = names.map(async (name) => [name, await db.collection(name).find().sort('_id').toArray()] as const);
  return Object.fromEntries(await Promise.all(contents));
}

/** Commits the second entry while every write after the first `statements` fails, and ends the client there. */
async function crashAfter(statements: number, database: TestDatabase) {
  const { first, second, rows } = history();
  const store = await database.open();
  await store.journal.append(first, samples.NO_ROWS);
  await store.readModels.progress();
  const before = await dump(database);
  const data = { failCommands: WRITES, closeConnection: true };
  const struckBefore = await mongod.failCommand(data, { skip: statements });
  const outcome = await store.journal.append(second, rows).then(
    () => 'committed' as const,
    (error: unknown) => {
      if (isPortError(error) && error.isRetriable) return 'unknown' as const;
      throw error;
    },
  );
  await store.close();
  const isHit = (await mongod.failCommand({ failCommands: [] }, 'off')) > struckBefore;
  return { before, outcome, isHit };
}

describe('an entry on MongoDB', () => {
  it('is there whole or not at all, whichever of its statements is the last', { timeout: 400_000 }, async () => {
    const undisturbed = newDatabase();
    await crashAfter(STATEMENTS_MAX, undisturbed);
    const whole = await dump(undisturbed);
    const outcomes: string[] = [];
    for (let statements = 0; statements < STATEMENTS_MAX; statements++) {
      const database = newDatabase();
      const { before, outcome, isHit } = await crashAfter(statements, database);
      if (!isHit) break;
      outcomes.push(outcome);
      const isCommitted = (await database.db.collection('journal').countDocuments()) === 2;
      if (outcome === 'committed') expect(isCommitted).toBe(true);
      if (!isCommitted) expect(await dump(database)).toEqual(before);
      // The next owner finds the one or the other, and nothing in between.
      const next = await database.open();
      expect((await next.journal.head(0)).entry).toBe(isCommitted ? 2 : 1);
      const { world: _world, ...found } = await dump(database);
      const { world: _claimed, ...expected } = isCommitted ? whole : before;
      expect(found, `after ${statements} statements`).toEqual(expected);
      await next.close();
    }
    expect(outcomes[0]).toBe('unknown');
    expect(outcomes.slice(1)).toEqual(outcomes.slice(1).map(() => 'committed'));
    expect(outcomes.length).toBeGreaterThan(5);
    expect(outcomes.length).toBeLessThan(STATEMENTS_MAX);
  });
});

describe('the fence of the journal on MongoDB', () => {
  it(
    `lets ${PROCESSES} processes make ${CHANGES} changes of one account, none lost, none twice`,
    { timeout: 400_000 },
    async () => {
      const database = newDatabase();
      const lost = await changeFromFourProcesses(['mongodb', database.uri, database.database]);
      await expectEveryChangeOnce(await database.open());
      // They did get in each other's way.
      expect(Math.max(...lost)).toBeGreaterThan(0);
    },
  );
});
