import type { Instant } from '@kairos/schema';
import { describe, expect, it } from 'vitest';
import { createSimulatedClock } from '../clock/simulated.js';
import { PortError } from '../errors.js';
import type { LogOptions } from './create-log.js';
import { createLog } from './create-log.js';
import type { Log } from './log.js';
import { createMemoryLog } from './memory-log.js';
import { FIELD_CHARS_MAX, FIELD_DEPTH_MAX, FIELD_ITEMS_MAX, REDACTED } from './redact.js';

const clock = createSimulatedClock(Date.parse('2024-08-08T09:10:11.123Z') as Instant);

/** What is written when `say` speaks. */
function written(say: (log: Log) => void, options: Partial<LogOptions> & { isTTY?: boolean } = {}): string {
  let text = '';
  const { isTTY = false, ...some } = options;
  const destination = { isTTY, write: (line: string) => void (text += line) };
  say(createLog({ level: 'debug', format: 'json', name: 'trader', clock, destination, ...some }));
  return text;
}

const fieldsOf = (fields: object): Record<string, unknown> =>
  JSON.parse(written((log) => log.info(fields, 'x'))) as Record<string, unknown>;

describe('JSON', () => {
  it('is one object per line with time, level, name, message and fields', () => {
    const text = written((log) => {
      log.info({ symbol: 'BTCUSDT', open: 2 }, 'filled');
      log.warn({}, 'late');
    });
    const at = '2024-08-08T09:10:11.123Z';
    expect(text.split('\n').map((line) => (line === '' ? null : (JSON.parse(line) as unknown)))).toEqual([
      { level: 'info', time: at, name: 'trader', symbol: 'BTCUSDT', open: 2, msg: 'filled' },
      { level: 'warn', time: at, name: 'trader', msg: 'late' },
      null,
    ]);
  });

  it('keeps its own keys apart from fields of the same name', () => {
    const text = written((log) => log.info({ level: 'high', time: 5, name: 'me', msg: 'mine' }, 'x'));
    expect(JSON.parse(text)).toMatchObject({ level: 'info', name: 'trader', msg: 'x', time_: 5, name_: 'me' });
    expect(text.match(/"msg"/g)).toHaveLength(1);
  });

  it.each<[string, unknown, unknown]>([
    ['a bigint', 12345678901234567890n, '12345678901234567890'],
    ['not a number', NaN, 'NaN'],
    ['bytes', new Uint8Array(12), '12 bytes'],
    ['a date', new Date(0), '1970-01-01T00:00:00.000Z'],
    ['a list', [1, 'two'], [1, 'two']],
    ['a map', new Map([['a', 1n]]), [['a', '1']]],
  ])('writes %s', (_, value, expected) => {
    expect(fieldsOf({ value })['value']).toEqual(expected);
  });

  it('tells an error with its type, code, message, stack and cause', () => {
    const error = new PortError('UNAVAILABLE', 'no answer', new Error('reset'));
    expect(fieldsOf({ error })['error']).toMatchObject({
      type: 'PortError',
      code: 'UNAVAILABLE',
      message: 'no answer',
      stack: expect.stringContaining('log.test.ts') as string,
      cause: { type: 'Error', message: 'reset' },
    });
  });
});

describe('levels and children', () => {
  it.each([
    ['debug', ['debug', 'info', 'warn', 'error']],
    ['info', ['info', 'warn', 'error']],
    ['warn', ['warn', 'error']],
    ['error', ['error']],
  ] as const)('at %s says %j', (level, expected) => {
    const sayAll = (log: Log) => (['debug', 'info', 'warn', 'error'] as const).forEach((at) => log[at]({}, at));
    const lines = written(sayAll, { level }).trim().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { level: string }).level)).toEqual(expected);
  });

  it('gives the fields of a child to each of its lines, and of its children', () => {
    const text = written((log) => log.child({ world: 'SIMULATOR' }).child({ shard: 3 }).info({ entry: 7 }, 'x'));
    expect(JSON.parse(text)).toMatchObject({ world: 'SIMULATOR', shard: 3, entry: 7 });
  });
});

describe('secrets', () => {
  it.each([
    'password',
    'adminPassword',
    'passwordHash',
    'token',
    'refreshToken',
    'tokenHash',
    'secret',
    'JWT_SECRET',
    'commandSecret',
    'authorization',
    'Authorization',
    'cookie',
    'set-cookie',
    'keyHash',
    'apiKey',
    'api_key',
    'ENCRYPTION_KEY',
    'signature',
  ])('are taken out by key: %s, at any depth and in children', (key) => {
    const fields = { [key]: 'canary', deeper: [{ [key]: { also: 'canary' } }] };
    const text = written((log) => log.child(fields).info(fields, 'x'));
    expect(text).not.toContain('canary');
    expect(text).toContain(REDACTED);
  });

  it.each([
    ['symbol', 'BTCUSDT'],
    ['key', 'BTCUSDT'],
    ['tokenVersion', 3],
    ['mustChangePassword', true],
  ])('are not seen where there are none: %s', (key, value) => {
    expect(fieldsOf({ [key]: value })[key]).toBe(value);
  });

  it.each([
    ['a password in an address', 'cannot reach mongodb://user:canary@db.example:27017/x', 'canary'],
    ['a bcrypt hash', `stored $2b$10$${'N9qo8uLOickgx2ZMRZoMye'.padEnd(53, 'a')}`, 'N9qo8uLOickgx2ZMRZoMye'],
    ['a JSON web token', 'refused eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.canary', 'canary'],
    ['a bearer token', 'header was Bearer canary-canary', 'canary'],
  ])('are taken out of text by their looks: %s', (_, text, secret) => {
    const said = written((log) => log.info({ detail: text, error: new Error(text) }, text));
    expect(said).not.toContain(secret);
  });
});

describe('limits', () => {
  it('cuts long texts, long lists and deep objects, and survives a circle', () => {
    interface Circle {
      self?: Circle;
    }
    const circle: Circle = {};
    circle.self = circle;
    const said = fieldsOf({
      text: 'x'.repeat(FIELD_CHARS_MAX + 1),
      list: Array.from({ length: FIELD_ITEMS_MAX + 1 }, () => 1),
      circle,
    });
    expect(said['text']).toHaveLength(FIELD_CHARS_MAX + 1);
    expect(said['text']).toMatch(/x…$/);
    expect(said['list']).toHaveLength(FIELD_ITEMS_MAX);
    expect(JSON.stringify(said['circle']).split('self').length - 1).toBe(FIELD_DEPTH_MAX);
  });
});

describe('pretty', () => {
  const pretty = (say: (log: Log) => void, isTTY = false) => written(say, { format: 'pretty', isTTY });

  it('is one line with the time in UTC, fields at the end', () => {
    const text = pretty((log) => log.info({ symbol: 'BTCUSDT', amount: '0.03663862', why: 'two words' }, 'bought'));
    expect(text).toBe('09:10:11.123 info  trader    bought  symbol=BTCUSDT amount=0.03663862 why="two words"\n');
  });

  it('ends after the message without fields', () => {
    expect(pretty((log) => log.warn({}, 'late'))).toBe('09:10:11.123 warn  trader    late\n');
  });

  it('names an error, and shows its stack only in a line that is an error', () => {
    const error = new PortError('FULL', 'no room');
    expect(
      pretty((log) => log.warn({ error }, 'x'))
        .trim()
        .split('\n'),
    ).toHaveLength(1);
    const [line, ...stack] = pretty((log) => log.error({ error }, 'x'))
      .trimEnd()
      .split('\n');
    expect(line).toContain('error="PortError FULL: no room"');
    expect(stack[0]).toMatch(/^ {4}at /);
  });

  it('lets nobody forge a line or paint the terminal', () => {
    const evil = 'a\n09:10:11.123 info  trader    forged\u001b[31m';
    const text = pretty((log) => log.info({ [evil]: evil }, evil));
    expect(text.trimEnd().split('\n')).toHaveLength(1);
    expect(text).not.toContain('\u001b');
  });

  it('has colours on a terminal only', () => {
    expect(pretty((log) => log.info({}, 'x'), true)).toContain('\u001b[36minfo');
    expect(pretty((log) => log.info({}, 'x'), false)).not.toContain('\u001b');
  });

  it('is chosen on a terminal where no format is named, JSON elsewhere', () => {
    const say = (log: Log) => log.info({}, 'x');
    expect(written(say, { format: null, isTTY: true })).toContain('trader');
    expect(written(say, { format: null, isTTY: true })).not.toContain('{');
    expect(written(say, { format: null, isTTY: false })).toMatch(/^\{/);
  });
});

describe('memory log', () => {
  it('keeps level, message and fields of its own lines and of its children', () => {
    const log = createMemoryLog();
    log.info({ a: 1 }, 'first');
    log.child({ b: 2 }).error({ c: 3 }, 'second');
    expect(log.lines).toEqual([
      { level: 'info', message: 'first', fields: { a: 1 } },
      { level: 'error', message: 'second', fields: { b: 2, c: 3 } },
    ]);
  });
});
