/** What grows with every call is kept near its limit, also by processes that live for a short time only. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../clock/system.js';
import { SAMPLE_WALL_TIME } from '../samples.js';
import type { Table } from './tables.js';
import { createTable } from './tables.js';
import type { TestDatabase } from './test-database.contract.js';
import { createDatabase } from './test-database.contract.js';
import { createTrimmer } from './trimmer.js';

let database: TestDatabase;
let table: Table;
beforeAll(() => {
  database = createDatabase();
  table = createTable({ db: database.db, run: (_: string, work: () => Promise<unknown>) => work() } as never, 'grows');
});
afterEach(() => database.clear());
afterAll(() => database[Symbol.asyncDispose]());

const documents = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ _id: `d-${n}`, time: new Date(n), mayGo: n % 2 === 0 }));

describe('a collection that grows', () => {
  it('loses its oldest documents beyond the limit, of those that may go', async () => {
    await table.insertNew(documents(20));
    await createTrimmer({ table, timeField: 'time', max: 12, filter: { mayGo: true } })();
    const left = await table.find({ filter: {}, sort: { time: 1 } });
    expect(left.map(({ _id }) => _id).slice(0, 5)).toEqual(['d-1', 'd-3', 'd-5', 'd-7', 'd-8']);
    expect(left).toHaveLength(16);
  });

  it('is looked at by the first call of a process, and then once in a while', async () => {
    await table.insertNew(documents(20));
    const trim = createTrimmer({ table, timeField: 'time', max: 15, filter: {} });
    await trim();
    expect(await table.count({ filter: {} }, 100)).toBe(15);
    await table.insertNew(documents(20));
    await trim();
    expect(await table.count({ filter: {} }, 100)).toBe(20);
  });

  it('of counters loses those whose time is over', async () => {
    const { counters } = (await database.open()).app;
    const at = (ms: number) => (SAMPLE_WALL_TIME + ms) as typeof SAMPLE_WALL_TIME;
    for (let n = 0; n < 20; n++) await counters.increment(`key-${n}`, 1_000, at(0));
    const { counters: later } = (await database.open({ clock: systemClock })).app;
    await later.increment('new', 1_000, at(2_000));
    expect(await database.db.collection('counters').distinct('_id')).toEqual(['new']);
  });
});
