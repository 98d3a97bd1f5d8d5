import { expect, it } from 'vitest';
import { derivedSignalId, eventId, parseId, recordId, tradeId } from './id.js';

it.each(['a', 'acc-1', 'BTCUSDT:1723075260000', '~!@#$%', 'x'.repeat(200)])('%s is an id', (id) => {
  expect(parseId(id)).toBe(id);
});

it.each(['', ' ', 'a b', 'ü', 'a\n', '\u0000', 'x'.repeat(201), 7, null, undefined, {}, ['a']])(
  '%j is none',
  (input) => {
    expect(() => parseId(input)).toThrow('expected an id of 1 to 200 printable characters without blanks');
  },
);

it('ids are functions of what caused the thing', () => {
  expect(eventId('acc-1', 7)).toBe('acc-1:7');
  expect(tradeId('acc-1', 'BTCUSDT', 's-1')).toBe('acc-1:BTCUSDT:s-1');
  expect(recordId('crypto.ml_signals', 3, 41)).toBe('crypto.ml_signals:3:41');
  expect(derivedSignalId('BTCUSDT', '2024-08-08T00:01Z', 'BUY')).toBe('BTCUSDT:2024-08-08T00:01Z:BUY');
});
