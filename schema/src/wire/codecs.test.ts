import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { closedTradeMessage } from '../../fixtures/trades.js';
import { bareSignalMessage, bytesOf, candleMessage, FIXTURES, poison, signalMessage } from '../../fixtures/index.js';
import type { Instant } from '../value/instant.js';
import { formatPrice } from '../value/decimal.js';
import { decodeCommand, encodeCommand } from './commands.js';
import { deadLetterOf, decodeDeadLetter, encodeDeadLetter } from './dead-letter.js';
import { decodeHealth, encodeHealth } from './health.js';
import { decodeMarketData, encodeMarketData } from './market-data.js';
import type { Decoded, RecordMeta } from './record.js';
import { MESSAGE_BYTES_MAX } from './record.js';
import { decodeSignal, encodeSignal } from './signals.js';
import type { Topic } from './topics.js';
import { decodeTradingEvent, encodeTradingEvent } from './trades.js';

const BROKER_TIME = 1_723_075_300_123 as Instant;
const meta = (topic: Topic): RecordMeta => ({ topic, partition: 3, offset: 41, timestamp: BROKER_TIME });

interface Codec {
  readonly topic: Topic;
  readonly decode: (bytes: Uint8Array) => Decoded<unknown>;
  readonly encode: (value: never) => Uint8Array;
}

const CODECS: readonly Codec[] = [
  {
    topic: 'crypto.market_data',
    decode: (bytes) => decodeMarketData(bytes, meta('crypto.market_data')),
    encode: encodeMarketData,
  },
  {
    topic: 'crypto.ml_signals',
    decode: (bytes) => decodeSignal(bytes, meta('crypto.ml_signals')),
    encode: encodeSignal,
  },
  {
    topic: 'crypto.commands',
    decode(bytes) {
      const decoded = decodeCommand(bytes, meta('crypto.commands'));
      return decoded.ok ? { ok: true, value: decoded.value.command } : decoded;
    },
    encode: encodeCommand,
  },
  { topic: 'crypto.trades', decode: decodeTradingEvent, encode: encodeTradingEvent },
  { topic: 'crypto.dead_letter', decode: decodeDeadLetter, encode: encodeDeadLetter },
  { topic: 'crypto.health', decode: decodeHealth, encode: encodeHealth },
];

const reasonOf = (decoded: Decoded<unknown>): string => (decoded.ok ? 'accepted' : decoded.error.reason);
const valueOf = <T>(decoded: Decoded<T>): T => {
  if (!decoded.ok) throw new Error(decoded.error.reason);
  return decoded.value;
};
const signalFrom = (message: object) =>
  valueOf(decodeSignal(bytesOf({ message: message as never }), meta('crypto.ml_signals')));

describe.each(CODECS)('$topic', ({ topic, decode, encode }) => {
  it.each(FIXTURES[topic].valid)('accepts $name, and reads the same from what it writes of it', ({ payload }) => {
    const value = valueOf(decode(bytesOf(payload)));
    expect(valueOf(decode(encode(value as never)))).toEqual(value);
  });

  it.each(FIXTURES[topic].invalid)('refuses $name and names $names', ({ payload, names }) => {
    const decoded = decode(bytesOf(payload));
    expect(decoded.ok).toBe(false);
    expect(reasonOf(decoded)).toContain(names);
  });

  it.each(poison)('refuses $name', ({ payload, names }) => {
    const decoded = decode(bytesOf(payload));
    expect(decoded.ok).toBe(false);
    expect(reasonOf(decoded)).toContain(names);
  });

  it('never throws, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(typeof decode(bytes).ok).toBe('boolean');
      }),
      { numRuns: 300 },
    );
  });

  it('never throws, whatever the JSON', () => {
    const anyMessage = fc.json({ maxDepth: 4 }).map((text) => bytesOf({ text }));
    fc.assert(
      fc.property(anyMessage, (bytes) => {
        expect(typeof decode(bytes).ok).toBe('boolean');
      }),
      { numRuns: 300 },
    );
  });

  it('never throws on a valid message with one field replaced by anything', () => {
    const message = messageOf(topic);
    const change = fc.tuple(fc.constantFrom(...Object.keys(message)), fc.jsonValue({ maxDepth: 3 }));
    fc.assert(
      fc.property(change, ([name, value]) => {
        expect(typeof decode(bytesOf({ message: { ...message, [name]: value } })).ok).toBe('boolean');
      }),
      { numRuns: 500 },
    );
  });
});

function messageOf(topic: Topic): Readonly<Record<string, unknown>> {
  const payload = FIXTURES[topic].valid[0]?.payload;
  if (!payload || !('message' in payload)) throw new Error(`no valid message of ${topic}`);
  return payload.message;
}

describe('a reason', () => {
  it('names every wrong field together, and says what was expected and what was found', () => {
    const decoded = decodeSignal(
      bytesOf({ message: { ...signalMessage, symbol: 'btc', confidence: 2 } }),
      meta('crypto.ml_signals'),
    );
    expect(reasonOf(decoded)).toBe(
      'symbol: expected a symbol of 2 to 20 capital letters and digits, such as BTCUSDT, found "btc"; ' +
        'confidence: expected a number from 0 to 1, found 2',
    );
  });
});

describe('a signal', () => {
  const place = 'crypto.ml_signals:3:41';

  it.each([
    ['its own', { id: 's-1' }, 's-1'],
    [
      'derived where it has a time: symbol, time as sent, action',
      { time: 1_723_075_260_000 },
      'BTCUSDT:1723075260000:SELL',
    ],
    ['derived from an ISO time as it was written', { time: '2024-08-08T00:01Z' }, 'BTCUSDT:2024-08-08T00:01Z:SELL'],
    ['its place on the bus where it has neither', {}, place],
  ])('has the id that is %s', (_name, fields, id) => {
    expect(signalFrom({ ...bareSignalMessage, ...fields }).id).toBe(id);
  });

  it("has the broker's time and the source `external` where it brought none", () => {
    expect(signalFrom(bareSignalMessage)).toMatchObject({ time: BROKER_TIME, source: 'external', votes: null });
  });

  it.each([
    ['0.1234567890125', '0.123456789012'],
    ['0.1234567890135', '0.123456789014'],
    ['0.12345678901250001', '0.123456789013'],
    [68234, '68234'],
    [1e-7, '0.0000001'],
  ])('has its price %s rounded half-even to 12 decimals: %s', (price, expected) => {
    expect(formatPrice(signalFrom({ ...bareSignalMessage, price }).price)).toBe(expected);
  });
});

describe('a candle', () => {
  const atOf = (fields: object) => {
    const message = { ...candleMessage, at: undefined, ...fields };
    const decoded = valueOf(decodeMarketData(bytesOf({ message }), meta('crypto.market_data')));
    return decoded.kind === 'candle' ? decoded.candle.at : null;
  };

  it.each([
    ['as sent', { at: 1_723_075_259_000 }, 1_723_075_259_000],
    ['its close time if it is closed', {}, 1_723_075_260_000],
    ['its close time if it is closed, an hour later for 1h', { interval: '1h' }, 1_723_078_800_000],
    ["the broker's timestamp while it is in progress", { closed: false }, BROKER_TIME],
  ])('was true %s', (_name, fields, at) => {
    expect(atOf(fields)).toBe(at);
  });
});

describe('a command', () => {
  it.each([
    ['as sent', BROKER_TIME - 1_000, BROKER_TIME - 1_000],
    ["the broker's timestamp where it brought none", undefined, BROKER_TIME],
    ["the broker's timestamp where its sender's clock was ahead", BROKER_TIME + 3_600_000, BROKER_TIME],
  ])('was issued %s', (_name, time, expected) => {
    const bytes = bytesOf({ message: { action: 'STOP_BOT', ...(time === undefined ? {} : { time }) } });
    expect(valueOf(decodeCommand(bytes, meta('crypto.commands'))).command.time).toBe(expected);
  });
});

describe('a trade', () => {
  const written = (message: object) =>
    JSON.parse(
      new TextDecoder().decode(encodeTradingEvent(valueOf(decodeTradingEvent(bytesOf({ message: message as never }))))),
    ) as { trade: { pnlPercent: number | null } };

  it.each([
    ['0.761140 percent of the first worked figures', {}, (19.04750256 / 2502.49959668) * 100],
    ['nothing while it is open', { pnl: null }, null],
  ])('says %s as pnlPercent', (_name, fields, expected) => {
    const message = messageOf('crypto.trades');
    const { pnlPercent } = written({ ...message, trade: { ...closedTradeMessage, ...fields } }).trade;
    if (expected === null) expect(pnlPercent).toBeNull();
    else expect(pnlPercent).toBeCloseTo(expected, 10);
  });
});

describe('a dead letter', () => {
  it('is never larger than a message may be, however bad the message was', () => {
    const worst = {
      ...meta('crypto.ml_signals'),
      key: '\u0001'.repeat(100_000),
      value: new Uint8Array(1_000_000).fill(1),
    };
    const letter = deadLetterOf(worst, '\u0001'.repeat(100_000), BROKER_TIME);
    const bytes = encodeDeadLetter(letter);
    expect(bytes.length).toBeLessThanOrEqual(MESSAGE_BYTES_MAX);
    expect(valueOf(decodeDeadLetter(bytes))).toEqual(letter);
  });

  it('holds the first 8 KiB of the value as text, also where it is no UTF-8', () => {
    const value = new Uint8Array(9_000).fill(0xff);
    expect(deadLetterOf({ ...meta('crypto.trades'), key: null, value }, 'bad', BROKER_TIME).value).toBe(
      '\ufffd'.repeat(8_192),
    );
  });
});

it('poison leaves no trace on the prototypes of later messages', () => {
  for (const { payload } of poison) for (const { decode } of CODECS) decode(bytesOf(payload));
  expect(({} as Record<string, unknown>)['isAdmin']).toBeUndefined();
});
