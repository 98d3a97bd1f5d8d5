import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createFrames } from './frames.js';

const framed = (text: string): Buffer => {
  const bytes = Buffer.from(text);
  const length = Buffer.alloc(4);
  length.writeInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
};

it('puts frames together again however the stream was cut', () => {
  const texts = fc.array(fc.string({ maxLength: 40 }), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(texts, fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }), (wanted, cuts) => {
      const found: string[] = [];
      const take = createFrames((frame) => found.push(frame.toString()));
      const stream = Buffer.concat(wanted.map(framed));
      for (let at = 0, turn = 0; at < stream.length; turn++) {
        const end = at + cuts[turn % cuts.length]!;
        expect(take(stream.subarray(at, end))).toBe(true);
        at = end;
      }
      expect(found).toEqual(wanted.map((text) => Buffer.from(text).toString()));
    }),
  );
});

it.each([
  ['less than none', -1],
  ['more than Kafka sends', 0x48545450],
])('refuses a length of %s', (_, length) => {
  const head = Buffer.alloc(4);
  head.writeInt32BE(length);
  expect(createFrames(() => undefined)(head)).toBe(false);
});
