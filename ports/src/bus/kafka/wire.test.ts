import { expect, it } from 'vitest';
import { createWire } from './wire.js';

it('kafkajs has the shape that the wire was written for', () => {
  expect(createWire().errorOf(1)).toMatchObject({ type: 'OFFSET_OUT_OF_RANGE' });
});

it('a broker that knows only other versions is refused, and told which would do', () => {
  const versions = { 3: { minVersion: 100, maxVersion: 110 } };
  const ask = () => createWire().call('Metadata', { topics: [], allowAutoTopicCreation: false }, versions);
  expect(ask).toThrow(expect.objectContaining({ code: 'INVALID', message: expect.stringContaining('100 to 110') }));
});
