/** Looks at a real MongoDB, given by TEST_MONGODB_URI. */
import { expect, it } from 'vitest';
import { systemClock } from '../../clock/system.js';
import { storeSurveyContract } from '../store-survey.contract.js';
import { surveyMongoStore } from './survey-mongo-store.js';
import { createDatabase, testUri } from './test-database.contract.js';

const clock = systemClock;

storeSurveyContract('mongo', async () => {
  const database = createDatabase();
  return {
    connect: () => database.open(),
    survey: () => surveyMongoStore(database, { clock }),
    contents: async () => (await database.db.listCollections().toArray()).map(({ name }) => name),
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  };
});

it('tells the world, its shards, the members of the set and the room on the disk', async () => {
  await using database = createDatabase();
  await database.open({ world: 'EXCHANGE:binance', shards: 3 });
  const survey = await surveyMongoStore(database, { clock });
  const { world, shards, detail, freeBytes } = await survey.describe();
  expect([world, shards]).toEqual(['EXCHANGE:binance', 3]);
  expect(detail).toBe(`replica set rs0, 1 of 1 members answer, database ${database.database}`);
  expect(freeBytes).toBeGreaterThan(0);
  await survey.close();
});

it.each([
  [99, /expected schema \d+, found 99, which is of a newer version of Kairos: start that one again/],
  [1, /expected schema \d+, found 1, which is of an earlier build, or name another MONGODB_DATABASE/],
])('knows a database of another version: %i', async (version, fault) => {
  await using database = createDatabase();
  await database.open();
  await database.db.collection<{ _id: string }>('world').updateOne({ _id: 'schema' }, { $set: { version } });
  const survey = await surveyMongoStore(database, { clock });
  expect((await survey.describe()).fault).toMatch(fault);
  await survey.close();
});

const withLogin = (login: string): string => testUri().replace('mongodb://', `mongodb://${login}@`);

it.each([
  ['no server there', 'mongodb://127.0.0.1:1/', 'UNAVAILABLE'],
  ['a user that it does not know', withLogin('nobody:c4n4ry'), 'INVALID'],
  ['no connection string', 'mongodb://nobody:c4n4ry@:x', 'INVALID'],
])('%s: says so at once, and repeats no password', async (_name, uri, code) => {
  const failure = await surveyMongoStore({ uri, database: 'none' }, { clock }).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code });
  expect((failure as Error).message).not.toContain('c4n4ry');
});
