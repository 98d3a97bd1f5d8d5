import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesOf, openAccountMessage, stopMessage } from '../../fixtures/index.js';
import type { Instant } from '../value/instant.js';
import { canonicalJson } from './canonical-json.js';
import { decodeCommand, encodeCommand, signedTextOf } from './commands.js';

describe('RFC 8785', () => {
  it('writes its example of section 3.2.2 as section 3.2.4 does', () => {
    const example = JSON.parse(String.raw`{
      "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
      "literals": [null, true, false]
    }`);
    expect(canonicalJson(example)).toBe(
      String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`,
    );
  });

  it('sorts the keys of section 3.2.3 by UTF-16 code units', () => {
    const example = JSON.parse(String.raw`{
      "\u20ac": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew Letter Dalet With Dagesh", "1": "One",
      "\ud83d\ude00": "Emoji: Grinning Face", "\u0080": "Control", "\u00f6": "Latin Small Letter O With Diaeresis"
    }`);
    const names = [...canonicalJson(example).matchAll(/:"([^"]*)"/g)].map((match) => match[1]);
    expect(names).toEqual([
      'Carriage Return',
      'One',
      'Control',
      'Latin Small Letter O With Diaeresis',
      'Euro Sign',
      'Emoji: Grinning Face',
      'Hebrew Letter Dalet With Dagesh',
    ]);
  });

  it.each([
    [0, '0'],
    [-0, '0'],
    [5e-324, '5e-324'],
    [1.7976931348623157e308, '1.7976931348623157e+308'],
    [9007199254740992, '9007199254740992'],
    [295147905179352830000, '295147905179352830000'],
    [1e23, '1e+23'],
    [999999999999999700000, '999999999999999700000'],
    [333333333.3333332, '333333333.3333332'],
  ])('writes the number %s as its appendix B does', (value, text) => {
    expect(canonicalJson(value)).toBe(text);
  });

  it('means the same data, whatever the order of its keys', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (object) => {
        const reversed = Object.fromEntries(Object.entries(object).reverse());
        expect(canonicalJson(reversed)).toBe(canonicalJson(object));
        expect(JSON.parse(canonicalJson(object))).toEqual(JSON.parse(JSON.stringify(object)));
      }),
    );
  });
});

describe('the text that a signature is made over', () => {
  const meta = { topic: 'crypto.commands', partition: 0, offset: 0, timestamp: 1_723_075_260_000 as Instant };
  const received = (message: object) => {
    const decoded = decodeCommand(bytesOf({ message: message as never }), meta);
    if (!decoded.ok) throw new Error(decoded.error.reason);
    return decoded.value;
  };

  it('is the canonical JSON of the message as sent, fields that nobody knows included, without the signature', () => {
    const message = { zeta: 1, ...stopMessage, signature: 'ab'.repeat(32) };
    const { signature: _signature, ...signed } = message;
    expect(received(message).signedText).toBe(canonicalJson(signed));
  });

  it.each([stopMessage, openAccountMessage])('is the same for who sends and who receives', (message) => {
    const { command } = received(message);
    const decoded = decodeCommand(encodeCommand({ ...command, signature: 'cd'.repeat(32) }), meta);
    expect(decoded.ok && decoded.value.signedText).toBe(signedTextOf(command));
  });
});
