/** What a start finds: an empty database, one of the same world, or one that it must leave alone. */
import { inspect } from 'node:util';
import { Decimal128, MongoClient } from 'mongodb';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { freePort, startMongod } from '../../../../scripts/servers/index.mjs';
import { systemClock } from '../../clock/system.js';
import type { PortErrorCode } from '../../errors.js';
import { createSampleBooks } from '../sample-books.js';
import { createSampleJournal, NO_ROWS, sampleCandle, samplePriceBook, sampleSignal } from '../samples.js';
import { APP_COLLECTIONS } from './app-documents.js';
import { openMongoApp } from './mongo-store.js';
import type { TestDatabase } from './test-database.contract.js';
import { createDatabase } from './test-database.contract.js';
import { WORLD_COLLECTIONS } from './world-tables.js';

let database: TestDatabase;
beforeEach(() => {
  database = createDatabase();
});
afterEach(() => database[Symbol.asyncDispose]());

const SPECS = [...WORLD_COLLECTIONS, ...APP_COLLECTIONS];
const refusal = (code: PortErrorCode, message: RegExp) => ({
  code,
  message: expect.stringMatching(message) as string,
});

describe('the collections', () => {
  it('are made with validators and indexes, by several processes that start at once', async () => {
    await Promise.all([1, 2, 3, 4].map(() => database.open()));
    const found = await database.db.listCollections({}, { nameOnly: false }).toArray();
    expect(new Set(found.map(({ name }) => name))).toEqual(new Set([...SPECS.map(({ name }) => name), 'world']));
    for (const { name, indexes } of SPECS) {
      const made = await database.db.collection(name).indexes();
      expect(new Set(made.map((index) => index.name))).toEqual(
        new Set(['_id_', ...indexes.map((index) => index.name)]),
      );
      expect(found.find((each) => each.name === name)?.options).toMatchObject({
        validationAction: 'error',
        validationLevel: 'moderate',
      });
    }
  });

  it('of the contract are among them', () => {
    const names = SPECS.map(({ name }) => name);
    const contract = ['journal', 'snapshots', 'users', 'accounts', 'trades', 'decisions', 'ml_signals', 'market_data'];
    expect(names).toEqual(expect.arrayContaining([...contract, 'equity', 'commands', 'sessions', 'audit']));
  });

  it('refuse a document that is none of theirs, as a person may write one by mistake', async () => {
    await database.open();
    for (const { name } of SPECS) {
      await expect(database.db.collection(name).insertOne({ cash: 5000 })).rejects.toMatchObject({ code: 121 });
    }
  });

  it('get a validator that has changed', async () => {
    await database.open();
    await database.db.command({ collMod: 'trades', validator: {}, validationAction: 'warn' });
    await database.open();
    await expect(database.db.collection('trades').insertOne({ cash: 5000 })).rejects.toMatchObject({ code: 121 });
  });

  it('are refused where another made an index of the same name', async () => {
    await database.db.collection('trades').createIndex({ symbol: 1 }, { name: 'trades_newest' });
    const message = /collection trades: expected the indexes trades_newest, .* drop those and start again/;
    await expect(database.open()).rejects.toMatchObject(refusal('INVALID', message));
  });

  it('are readable by a person: real fields, decimals and dates', async () => {
    const store = await database.open();
    const books = createSampleBooks();
    const events = [books.opened(), books.buys('BTCUSDT', 1)];
    const rows = { ...NO_ROWS, candles: [sampleCandle()], signals: [sampleSignal()] };
    const prices = [samplePriceBook('BTCUSDT', '68234', 3)];
    await store.journal.append(createSampleJournal().next({ events, prices }), rows);
    await store.readModels.progress();
    const one = (name: string, filter: object) => database.db.collection(name).findOne(filter);
    expect(await one('accounts', { _id: 'acc-1' as never })).toMatchObject({
      seq: 2,
      cash: expect.any(Decimal128) as unknown,
      openTradeCount: 1,
      openTrades: [{ symbol: 'BTCUSDT', entryTime: expect.any(Date) as unknown }],
    });
    const journal = await one('journal', { shard: 0, entry: 1 });
    expect(String((journal?.['events'] as { account: { cash: unknown } }[])[0]?.account.cash)).toBe('5000.00000000');
    expect(journal).toMatchObject({
      committedAt: expect.any(Date) as unknown,
      rows: { candles: [{ symbol: 'BTCUSDT' }] },
    });
    expect(String((await one('market_data', { symbol: 'BTCUSDT' }))?.['low'])).toBe('67999.123456789012');
    expect(await one('trades', { symbol: 'BTCUSDT', pnl: null })).toMatchObject({ status: 'OPEN' });
  });
});

describe('the world', () => {
  it('is that of whoever comes first, of several that start at once', async () => {
    const worlds = ['SIMULATOR', 'EXCHANGE:binance', 'REPLAY:0011223344556677'];
    const results = await Promise.allSettled(worlds.map((world) => database.open({ world })));
    const refused = results.filter(({ status }) => status === 'rejected');
    expect(refused).toHaveLength(2);
    const winner = worlds[results.findIndex(({ status }) => status === 'fulfilled')]!;
    for (const result of refused) {
      const message = new RegExp(`holds the world ${winner}, and .* for .*FEED .*MONGODB_DATABASE, and another Kafka`);
      expect((result as PromiseRejectedResult).reason).toMatchObject(refusal('INVALID', message));
    }
  });

  it('is refused with another count of partitions', async () => {
    expect((await database.open({ shards: 8 })).shards).toBe(8);
    const message = /made with KAFKA_PARTITIONS=8, and this process was started with 4: .*Set it back/;
    await expect(database.open({ shards: 4 })).rejects.toMatchObject(refusal('INVALID', message));
    await database.open({ shards: 8 });
  });

  it.each([0, -1, 1.5, NaN])('has no %s shards', async (shards) => {
    await expect(database.open({ shards })).rejects.toMatchObject({ code: 'INVALID' });
  });

  it('is behind as long as one of its shards has no entry', async () => {
    const { journal, readModels } = await database.open({ shards: 2 });
    await journal.append(createSampleJournal({ shard: 0 }).next(), NO_ROWS);
    expect(await readModels.progress()).toBeNull();
    await journal.append(createSampleJournal({ shard: 1 }).next({ worldTime: null }), NO_ROWS);
    expect(await readModels.progress()).toMatchObject({ entry: 1, worldTime: null });
  });

  it('is not needed for users, and not made by looking for them', async () => {
    const open = () => openMongoApp(database, { clock: systemClock });
    const app = await open();
    await app.app.facts.put('SIMULATOR', 'seed', 7);
    await app.close();
    await expect(app.app.users.list()).rejects.toMatchObject({ code: 'CLOSED' });
    expect(await database.db.listCollections({ name: 'journal' }).toArray()).toEqual([]);
    const store = await database.open({ world: 'EXCHANGE:binance' });
    expect(await store.app.facts.get('SIMULATOR', 'seed')).toBe(7);
  });

  it.each([
    [99, /found 99, which is of a newer version of Kairos: start that one again/],
    [1, /found 1, which is of an earlier build, or name another MONGODB_DATABASE/],
  ])('of version %i is refused and left as it is', async (version, message) => {
    await (await database.open()).close();
    await database.db.collection('world').updateOne({ _id: 'schema' as never }, { $set: { version } });
    await expect(database.open()).rejects.toMatchObject(refusal('INVALID', message));
    await expect(openMongoApp(database, { clock: systemClock })).rejects.toMatchObject(refusal('INVALID', message));
  });
});

describe('a server', () => {
  it('that does not answer is said to, within a bounded time', { timeout: 30_000 }, async () => {
    const uri = `mongodb://kairos:hunter2canary@127.0.0.1:${await freePort()}/`;
    const startedMs = systemClock.monotonicMs();
    const error: unknown = await openMongoApp({ uri, database: 'x' }, { clock: systemClock }).catch((e: unknown) => e);
    expect(error).toMatchObject(refusal('UNAVAILABLE', /no server answers at MONGODB_URI: is it running/));
    expect(systemClock.monotonicMs() - startedMs).toBeLessThan(20_000);
    expect(inspect(error, { depth: 20, showHidden: true })).not.toContain('hunter2canary');
  });

  it('that comes up a little later is waited for', { timeout: 60_000 }, async () => {
    const server = await startMongod();
    onTestFinished(() => server.stop());
    await server.kill();
    const opening = openMongoApp({ uri: server.uri, database: 'kairos' }, { clock: systemClock });
    await server.restart();
    const { app, close } = await opening;
    expect(await app.users.list()).toEqual([]);
    await close();
  });

  it(
    'that refuses the login says so at once; one that grants too little names the role',
    { timeout: 60_000 },
    async () => {
      const server = await startMongod({ replicaSet: null, args: ['--auth'] });
      onTestFinished(() => server.stop());
      const address = new URL(server.uri.replace('mongodb:', 'http:')).host;
      const admin = new MongoClient(server.uri);
      onTestFinished(() => admin.close());
      const user = (name: string, roles: object[]) =>
        admin.db('admin').command({ createUser: name, pwd: 'hunter2canary', roles });
      await user('root', [{ role: 'root', db: 'admin' }]);
      const asRoot = new MongoClient(`mongodb://root:hunter2canary@${address}/`);
      onTestFinished(() => asRoot.close());
      await asRoot.db('admin').command({
        createUser: 'reader',
        pwd: 'hunter2canary',
        roles: [{ role: 'read', db: 'kairos' }],
      });
      await asRoot.db('admin').command({
        createUser: 'kairos',
        pwd: 'hunter2canary',
        roles: [{ role: 'readWrite', db: 'kairos' }],
      });

      const open = async (login: string): Promise<unknown> => {
        const uri = `mongodb://${login}${address}/?authSource=admin`;
        const opening = openMongoApp({ uri, database: 'kairos' }, { clock: systemClock });
        return opening.then(
          (app) => app.close(),
          (error: unknown) => error,
        );
      };
      const wrong = await open('kairos:hunter3canary@');
      expect(wrong).toMatchObject(refusal('INVALID', /refused the user or its password: check both, and authSource/));
      expect(inspect(wrong, { depth: 20, showHidden: true })).not.toContain('hunter3canary');
      expect(await open('')).toMatchObject(refusal('INVALID', /grant it the role readWrite/));
      expect(await open('reader:hunter2canary@')).toMatchObject(refusal('INVALID', /grant it the role readWrite/));
      expect(await open('kairos:hunter2canary@')).toBeUndefined();
      await asRoot.db('kairos').command({ collMod: 'users', validator: {} });
      expect(await open('kairos:hunter2canary@')).toMatchObject(
        refusal('INVALID', /collection users: .* grant it the role dbAdmin/),
      );
    },
  );
});
