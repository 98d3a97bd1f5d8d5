import { describe, expect, it } from 'vitest';
import { formatMoney, formatRate } from '../value/decimal.js';
import type { ConfigError, VariableName } from './config.js';
import { readConfig, VARIABLES } from './config.js';

type Env = Readonly<Record<string, string>>;

const problemsOf = (env: Env): readonly { variable: string; message: string }[] => {
  try {
    readConfig(env);
  } catch (error) {
    return (error as ConfigError).problems;
  }
  return [];
};
const namesOf = (env: Env) => problemsOf(env).map((problem) => problem.variable);

const SECRET = 'a secret of its own, with 40 characters!';
const SERVERS = { MONGODB_URI: 'mongodb://localhost/x', JWT_SECRET: SECRET, ADMIN_PASSWORD: 'my own password' };

describe('without any variable', () => {
  const config = readConfig({});

  it('everything is embedded, on loopback, with the default password', () => {
    expect(config).toMatchObject({
      isStoreEmbedded: true,
      isBusEmbedded: true,
      listenHost: '127.0.0.1',
      isLoopback: true,
      isDefaultPassword: true,
      FEED: { kind: 'auto' },
      FEED_SPEED: null,
      SYMBOLS: ['BTCUSDT', 'ETHUSDT', 'BNBUSDT', 'SOLUSDT'],
      INTERVAL: '1m',
      PORT: 4000,
      KAFKA_PARTITIONS: 8,
      KAFKA_REPLICATION: 1,
      MONGODB_DATABASE: 'crypto_trading_db',
      DATA_DIR: '.data',
      ALLOWED_ORIGINS: [],
      TRUST_PROXY: 0,
      BROKER: 'paper',
    });
  });

  it('accounts trade as the contract says', () => {
    expect([
      formatMoney(config.INITIAL_BALANCE),
      formatRate(config.COMMISSION),
      config.MIN_CONFIDENCE,
      formatRate(config.RISK_PER_TRADE),
      formatRate(config.PRICE_BAND),
      config.MAX_SIGNAL_AGE_SECONDS,
      config.COMMAND_MAX_AGE_SECONDS,
    ]).toEqual(['5000', '0.001', 0.75, '0.5', '0.2', 120, 300]);
  });
});

it('an empty variable, or one of blanks, counts as unset', () => {
  expect(readConfig({ PORT: '', HOST: '  ', MONGODB_URI: '' })).toEqual(readConfig({}));
});

describe('each variable', () => {
  const GOOD: readonly (readonly [VariableName, string, unknown])[] = [
    ['KAFKA_BROKERS', 'a:9092, b:9093', ['a:9092', 'b:9093']],
    ['KAFKA_SSL', 'true', true],
    ['KAFKA_PARTITIONS', '1', 1],
    ['KAFKA_REPLICATION', '3', 3],
    ['DATA_DIR', '/var/lib/kairos', '/var/lib/kairos'],
    ['FEED', 'simulator', { kind: 'simulator' }],
    ['FEED', 'kraken', { kind: 'exchange', exchange: 'kraken' }],
    ['FEED_SPEED', 'max', Infinity],
    ['FEED_SPEED', '0.5', 0.5],
    ['FEED_SEED', '0', 0],
    ['SYMBOLS', 'BTCUSDT, ETHUSDT', ['BTCUSDT', 'ETHUSDT']],
    ['INTERVAL', '4h', '4h'],
    ['MIN_CONFIDENCE', '1', 1],
    ['PORT', '0', 0],
    ['TRUST_PROXY', '2', 2],
    ['ALLOWED_ORIGINS', 'https://a.example,http://b.example:81', ['https://a.example', 'http://b.example:81']],
    ['INTROSPECTION', 'false', false],
    ['PLAYGROUND', 'true', true],
    ['COMMAND_SECRET', SECRET, SECRET],
    ['ENCRYPTION_KEY', SECRET, SECRET],
    ['LOG_LEVEL', 'debug', 'debug'],
    ['LOG_FORMAT', 'json', 'json'],
    ['HOST', 'localhost', 'localhost'],
    ['HOST', '::1', '::1'],
    ['HOST', '[::1]', '[::1]'],
  ];
  it.each(GOOD)('%s may be %s', (name, text, value) => {
    expect(readConfig({ [name]: text })[name]).toEqual(value);
  });

  it.each([
    ['FEED_URL', 'http://127.0.0.1:9000/api'],
    ['PUBLIC_URL', 'https://kairos.example'],
    ['SMTP_URL', 'smtps://user:pass@mail.example:465'],
  ] as const)('%s may be %s', (name, text) => {
    expect(readConfig({ ADMIN_PASSWORD: 'my own password', [name]: text })[name]?.href).toBe(new URL(text).href);
  });

  it.each(['0.0.0.0', '::', 'kairos.example'])('HOST may be %s', (HOST) => {
    expect(readConfig({ HOST, ADMIN_PASSWORD: 'my own password' }).HOST).toBe(HOST);
  });

  it.each([
    ['JWT_SECRET', 'too short'],
    ['PUBLIC_URL', 'http//user:pass'],
  ] as const)('%s that is wrong is not called missing, and not repeated', (name, text) => {
    const message = problemsOf({ [name]: text }).find(({ variable }) => variable === name)?.message;
    expect(message).toMatch(/^expected .*, found something else/);
    expect(message).not.toContain(text);
  });

  const BAD: readonly (readonly [VariableName, string])[] = [
    ['MONGODB_URI', 'localhost:27017'],
    ['HOST', '%%%'],
    ['HOST', 'a b'],
    ['HOST', 'http://localhost'],
    ['KAFKA_BROKERS', 'localhost'],
    ['KAFKA_BROKERS', ','],
    ['KAFKA_SSL', 'yes'],
    ['KAFKA_SASL_MECHANISM', 'gssapi'],
    ['KAFKA_PARTITIONS', '0'],
    ['KAFKA_PARTITIONS', '257'],
    ['KAFKA_REPLICATION', '-1'],
    ['FEED', 'Binance!'],
    ['FEED', 'replay:'],
    ['FEED_URL', 'localhost:4000'],
    ['FEED_SPEED', '0'],
    ['FEED_SPEED', 'fast'],
    ['FEED_SEED', '1.5'],
    ['SYMBOLS', ','],
    ['SYMBOLS', 'btcusdt'],
    ['SYMBOLS', 'BTCUSDT,BTCUSDT'],
    ['INTERVAL', '2m'],
    ['INITIAL_BALANCE', '0'],
    ['INITIAL_BALANCE', '5,000'],
    ['COMMISSION', '1'],
    ['MIN_CONFIDENCE', '75%'],
    ['RISK_PER_TRADE', '0'],
    ['MAX_SIGNAL_AGE_SECONDS', '0'],
    ['PRICE_BAND', '2'],
    ['COMMAND_MAX_AGE_SECONDS', '1e3'],
    ['COMMAND_SECRET', 'too short'],
    ['ADMIN_PASSWORD', 'short'],
    ['ADMIN_PASSWORD', 'ü'.repeat(37)],
    ['JWT_SECRET', 'too short'],
    ['JWT_SECRET', 'a'.repeat(40)],
    ['JWT_SECRET', 'secret'.repeat(8)],
    ['PORT', '65536'],
    ['PORT', 'http'],
    ['PUBLIC_URL', 'kairos.example'],
    ['PUBLIC_URL', 'localhost:4000'],
    ['ALLOWED_ORIGINS', '*'],
    ['ALLOWED_ORIGINS', 'https://a.example/path'],
    ['TRUST_PROXY', 'true'],
    ['INTROSPECTION', 'on'],
    ['PLAYGROUND', '1'],
    ['ENCRYPTION_KEY', 'too short'],
    ['SMTP_URL', 'mail.example'],
    ['LOG_LEVEL', 'loud'],
    ['LOG_FORMAT', 'xml'],
    ['BROKER', 'binance'],
  ];
  it.each(BAD)('%s may not be %s', (name, text) => {
    expect(namesOf({ [name]: text })).toContain(name);
  });

  it('that can be wrong has a case above', () => {
    const free = ['MONGODB_DATABASE', 'KAFKA_SASL_USERNAME', 'KAFKA_SASL_PASSWORD', 'DATA_DIR'];
    const anyText = [...free, 'ADMIN_USERNAME', 'HOST', 'MAIL_FROM'];
    const covered = new Set<string>([...BAD.map(([name]) => name), ...anyText]);
    expect(Object.keys(VARIABLES).filter((name) => !covered.has(name))).toEqual([]);
  });
});

describe('what is not valid', () => {
  it('is named in one message, every variable with what it may be', () => {
    expect(() => readConfig({ PORT: 'x', FEED_SPEED: '-1', KAFKA_SSL: 'yes' })).toThrow(
      [
        'The configuration is not valid:',
        '  KAFKA_SSL: expected one of true false, found "yes"',
        '  FEED_SPEED: expected a number from 0 to 1000000, found "-1"',
        '  PORT: expected a whole number from 0 to 65535, found "x"',
      ].join('\n'),
    );
  });

  it('never repeats a secret or an address that may hold a password', () => {
    const canary = 'c4n4ry';
    const env = {
      FEED: 'replay:',
      MONGODB_URI: `mongo://u:${canary}@h`,
      JWT_SECRET: canary,
      COMMAND_SECRET: canary,
      ENCRYPTION_KEY: canary,
      ADMIN_PASSWORD: canary,
      SMTP_URL: `mail://u:${canary}@h`,
      FEED_URL: `ftp://u:${canary}@h`,
      PUBLIC_URL: `x://u:${canary}@h`,
    };
    expect(namesOf(env).sort()).toEqual(Object.keys(env).sort());
    expect(JSON.stringify(problemsOf(env))).not.toContain(canary);
  });
});

describe('values that are right alone and wrong together', () => {
  it.each<[string, Env, string[]]>([
    ['MongoDB without a feed by name', SERVERS, ['FEED']],
    [
      'MongoDB without a secret for tokens and a password of its own',
      { MONGODB_URI: SERVERS.MONGODB_URI, FEED: 'simulator' },
      ['JWT_SECRET', 'ADMIN_PASSWORD'],
    ],
    ['all addresses with the default password', { HOST: '0.0.0.0' }, ['ADMIN_PASSWORD']],
    ['a name that is not loopback with it', { HOST: 'example.org' }, ['ADMIN_PASSWORD']],
    ['a public address with it', { PUBLIC_URL: 'https://kairos.example' }, ['ADMIN_PASSWORD']],
    ['two files for one symbol', { FEED: 'replay:a.csv,b.csv', SYMBOLS: 'BTCUSDT' }, ['SYMBOLS']],
    ['one file for the default symbols', { FEED: 'replay:a.csv' }, ['SYMBOLS']],
    ['a mechanism without a user', { KAFKA_SASL_MECHANISM: 'plain' }, ['KAFKA_SASL_MECHANISM']],
    ['a user without a mechanism', { KAFKA_SASL_USERNAME: 'u', KAFKA_SASL_PASSWORD: 'p' }, ['KAFKA_SASL_MECHANISM']],
  ])('%s', (_name, env, names) => {
    expect(namesOf(env)).toEqual(names);
  });

  it.each<[string, Env]>([
    ['MongoDB with everything it needs', { ...SERVERS, FEED: 'simulator' }],
    ['loopback by another name', { HOST: 'localhost' }],
    ['loopback of IPv6', { HOST: '::1' }],
    ['a public address that is this machine', { PUBLIC_URL: 'http://localhost:4000' }],
    ['all addresses with a password of its own', { HOST: '0.0.0.0', ADMIN_PASSWORD: 'my own password' }],
    ['one file per symbol', { FEED: 'replay:a.csv,b.csv', SYMBOLS: 'BTCUSDT,ETHUSDT' }],
    [
      'a mechanism with its user',
      { KAFKA_SASL_MECHANISM: 'plain', KAFKA_SASL_USERNAME: 'u', KAFKA_SASL_PASSWORD: 'p' },
    ],
  ])('but not: %s', (_name, env) => {
    expect(problemsOf(env)).toEqual([]);
  });

  it('a variable that is wrong alone is named once', () => {
    expect(namesOf({ ...SERVERS, FEED: '?', JWT_SECRET: 'short' })).toEqual(['FEED', 'JWT_SECRET']);
  });

  it('with MongoDB it listens on every address', () => {
    expect(readConfig({ ...SERVERS, FEED: 'simulator' })).toMatchObject({ listenHost: '0.0.0.0', isLoopback: false });
  });
});
