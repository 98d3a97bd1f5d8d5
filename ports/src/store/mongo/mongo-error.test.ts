import { inspect } from 'node:util';
import {
  MongoCompatibilityError,
  MongoNetworkError,
  MongoNetworkTimeoutError,
  MongoServerError,
  MongoTopologyClosedError,
} from 'mongodb';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../clock/system.js';
import { PortError, type PortErrorCode } from '../../errors.js';
import { portErrorOf } from './mongo-error.js';
import { openMongoStore } from './mongo-store.js';

const server = (code: number, message = 'no') => new MongoServerError({ message, code });

describe('errors of MongoDB', () => {
  const meanings: readonly [string, Error, PortErrorCode][] = [
    ['a duplicate key', server(11000), 'CONFLICT'],
    ['a login refused', server(18), 'INVALID'],
    ['a user who may not', server(13), 'INVALID'],
    ['a validator', server(121), 'INVALID'],
    ['a document too large', server(10334), 'INVALID'],
    ['a server too slow', server(50), 'TIMEOUT'],
    ['a write concern not reached in time', server(64), 'TIMEOUT'],
    ['a server that is no longer primary', server(10107), 'UNAVAILABLE'],
    ['a server that stops', server(11600), 'UNAVAILABLE'],
    ['a disk that is full', server(14031), 'FULL'],
    ['a full quota of Atlas', server(8000, 'you are over your space quota, using 520 MB of 512 MB'), 'FULL'],
    ['a login refused by Atlas', server(8000, 'bad auth : authentication failed'), 'INVALID'],
    ['something that only the server knows', server(424_242), 'UNAVAILABLE'],
    ['a broken connection', new MongoNetworkError('connection 3 to 127.0.0.1 closed'), 'UNAVAILABLE'],
    ['a silent connection', new MongoNetworkTimeoutError('timed out'), 'TIMEOUT'],
    ['a closed client', new MongoTopologyClosedError(), 'UNAVAILABLE'],
    ['a server of long ago', new MongoCompatibilityError('reports maximum wire version 6'), 'INVALID'],
    [
      'a name that is not known',
      Object.assign(new Error('querySrv ENOTFOUND x'), { code: 'ENOTFOUND' }),
      'UNAVAILABLE',
    ],
  ];
  it.each(meanings)('are told in the words of the ports: %s', (_, error, code) => {
    const found = portErrorOf(error, 'read trades');
    expect(found).toBeInstanceOf(PortError);
    expect(found).toMatchObject({ code, message: expect.stringMatching(/^read trades: /) as string });
  });

  it('that are none of its own stay as they are', () => {
    const bug = new TypeError('undefined is not a function');
    expect(portErrorOf(bug, 'read trades')).toBe(bug);
  });

  it('never repeat a password that stands in an address', () => {
    const error = server(8000, 'cannot reach mongodb://kairos:hunter2canary@db.example.net');
    expect((portErrorOf(error, 'read') as PortError).message).not.toContain('hunter2canary');
  });
});

describe('a connection string that cannot be read', () => {
  it.each([
    ['another scheme', 'postgres://kairos:hunter2canary@db'],
    ['a password with special characters', 'mongodb://kairos:hunter2canary/@:x@db:27017'],
    ['no host', 'mongodb://'],
    ['an option that is none', 'mongodb://kairos:hunter2canary@db:27017/?retryWrite=true'],
    ['nothing', ''],
  ])('is refused with an example and without itself: %s', async (_, uri) => {
    const options = { uri, database: 'x', world: 'SIMULATOR', shards: 1 };
    const error: unknown = await openMongoStore(options, { clock: systemClock }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'INVALID',
      message: expect.stringMatching(/MONGODB_URI: expected .*mongodb\+srv:\/\//) as string,
    });
    expect(inspect(error, { depth: 20 })).not.toContain('hunter2canary');
  });
});
