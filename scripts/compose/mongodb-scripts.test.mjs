import { readFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../lib/root.mjs';
import { localServices } from './local-services.mjs';
import { wantedUser } from './mongodb-user-local.mjs';

const HEALTH = readFileSync(new URL('./mongodb-health.js', import.meta.url), 'utf8');
const ENV = { MONGODB_PASSWORD: 'p', ADMIN_PASSWORD: 'a', JWT_SECRET: 'j', MONGODB_ROOT_PASSWORD: 'r' };

describe('the user that Kairos connects as', () => {
  it('has the password of .env and rights on its own database alone', () => {
    const { database, user } = wantedUser('from .env');
    expect(database).toBe('admin');
    expect(user).toMatchObject({ user: 'kairos', pwd: 'from .env' });
    expect(user.roles.map(({ role, db }) => `${role} ${db}`)).toEqual([
      'readWrite crypto_trading_db',
      'dbAdmin crypto_trading_db',
      'clusterMonitor admin',
    ]);
  });
});

describe('the health check of MongoDB', () => {
  /** Runs it over a server that answers so; what it was asked, and the exit code. */
  function run({ status, isPrimary = true, knowsRoot = true }) {
    const asked = [];
    let code = null;
    const admin = {
      auth(user, password) {
        if (!knowsRoot || user !== 'root' || password !== 'r') throw new Error('Authentication failed');
      },
      runCommand(command) {
        asked.push(Object.keys(command)[0]);
        if (command.replSetGetStatus) status();
        if (command.replSetInitiate) expect(command.replSetInitiate.members[0].host).toBe('mongodb:27017');
        return { isWritablePrimary: isPrimary };
      },
    };
    runInNewContext(HEALTH, {
      db: { getSiblingDB: () => admin },
      quit: (found) => (code = found),
      process: { env: { MONGO_INITDB_ROOT_PASSWORD: 'r' } },
    });
    return { asked, code };
  }
  const fails = (code) => () => {
    throw Object.assign(new Error('refused'), { code });
  };

  it('initiates a set that is none yet, and is not content before it takes writes', () => {
    expect(run({ status: fails(94), isPrimary: false })).toEqual({
      asked: ['replSetGetStatus', 'replSetInitiate', 'hello'],
      code: 1,
    });
  });

  it('is content with a primary, and changes nothing', () => {
    expect(run({ status: () => undefined })).toEqual({ asked: ['replSetGetStatus', 'hello'], code: 0 });
  });

  it.each([
    ['while the image still makes its users', { status: () => undefined, knowsRoot: false }],
    ['where the set cannot be asked', { status: fails(13) }],
  ])('fails %s', (_name, server) => {
    expect(() => run(server)).toThrow();
  });
});

describe('services without Docker', () => {
  const text = readFileSync(`${ROOT}/docker-compose.yml`, 'utf8');
  const places = { kafka: '127.0.0.1:1111', mongodb: '127.0.0.1:2222', folder: '/data-here', port: 3333 };
  const services = localServices(text, ENV, places);

  it('are those that are built here, with the commands and health checks of the file', () => {
    expect(services.map(({ name, args, health }) => [name, args, health.join(' ')])).toEqual([
      ['feed', ['feed'], 'doctor --role feed --here'],
      ['predictor', ['predict'], 'doctor --role predictor --here'],
      ['trader', ['trade'], 'doctor --role trader --here'],
      ['api', ['api'], 'doctor --role api'],
    ]);
  });

  it('have the environment of the file, but for addresses, folder and port', () => {
    const { environment, graceMs } = services[0];
    expect(environment).toMatchObject({
      MONGODB_URI: 'mongodb://kairos:p@127.0.0.1:2222/?replicaSet=rs0&authSource=admin',
      KAFKA_BROKERS: '127.0.0.1:1111',
      DATA_DIR: '/data-here',
      PORT: '3333',
      JWT_SECRET: 'j',
      HOST: '0.0.0.0',
    });
    expect(graceMs).toBe(15_000);
  });
});
