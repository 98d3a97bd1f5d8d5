import { expect, it } from 'vitest';
import { releaseOf, versionCall } from './version-call.js';

const call = versionCall({ name: 'kairos', version: '0' });
const uint16 = (value: number): number[] => [value >> 8, value & 0xff];
const text = (value: string): number[] => [value.length + 1, ...Buffer.from(value, 'latin1')];

/** An answer as brokers give it: two calls known, then the features. */
const answer = (features: readonly (readonly [string, number])[]): Buffer => {
  const supported = features.flatMap(([name, highest]) => [...text(name), ...uint16(1), ...uint16(highest), 0]);
  const part = [features.length + 1, ...supported];
  const calls = [0, 1].flatMap((key) => [...uint16(key), ...uint16(0), ...uint16(9), 0]);
  // An optional part that nobody knows stands before the one that is looked for.
  return Buffer.from([...uint16(0), 3, ...calls, 0, 0, 0, 0, 2, 9, 1, 7, 0, part.length, ...part]);
};

it.each([
  [null, null],
  [0, null],
  [1, '3.0'],
  [7, '3.3'],
  [21, '3.9'],
  [25, '4.0'],
  [27, '4.1'],
  [99, '4.2 or newer'],
] as const)('metadata level %s is Kafka %s', (level, release) => {
  expect(releaseOf(level)).toBe(release);
});

it.each([
  [
    [
      ['kraft.version', 1],
      ['metadata.version', 27],
    ] as const,
    '4.1',
  ],
  [[['group.version', 1]] as const, null],
  [[], null],
])('an answer that names the features %j is of Kafka %s', async (features, release) => {
  expect(await call.decode(answer(features))).toBe(release);
});

it('a broker that does not know the question tells nothing', async () => {
  expect(await call.decode(Buffer.from([0, 35, 0, 0, 0, 0]))).toBeNull();
});

it('asks with the name of the client behind an empty optional part', async () => {
  expect(Buffer.from(await call.encode())).toEqual(Buffer.from([0, ...text('kairos'), ...text('0'), 0]));
});
