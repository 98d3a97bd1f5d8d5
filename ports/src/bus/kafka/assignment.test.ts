import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Claim } from './assignment.js';
import { decodeClaim, decodeShare, encodeClaim, encodeShare, shareOut } from './assignment.js';
import { createTopicNames } from './topics.js';

const TOPIC = 'crypto.commands';
const claim = (member: string, held: readonly number[] = [], generation = 1): Claim => ({
  member,
  topics: [TOPIC],
  generation,
  held: held.map((partition) => ({ topic: TOPIC, partition })),
});
const share = (claims: readonly Claim[], partitions: number) =>
  Object.fromEntries(
    [...shareOut(claims, () => partitions)].map(([member, own]) => [member, own.map((at) => at.partition)]),
  );

describe('sharing out', () => {
  it.each<[string, Claim[], number, Record<string, number[]>]>([
    ['gives one member all', [claim('a')], 3, { a: [0, 1, 2] }],
    ['gives new members the same number each', [claim('a'), claim('b')], 4, { a: [0, 2], b: [1, 3] }],
    ['takes from who has most', [claim('a', [0, 1, 2, 3]), claim('b')], 4, { a: [0, 1], b: [2, 3] }],
    ['moves nothing where nothing must move', [claim('a', [1, 3]), claim('b', [0, 2])], 4, { a: [1, 3], b: [0, 2] }],
    ['leaves one partition with its holder', [claim('b', [0]), claim('a')], 1, { a: [], b: [0] }],
    ['believes the later of two claims', [claim('a', [0], 4), claim('b', [0], 5)], 1, { a: [], b: [0] }],
    [
      'gives back what was taken from one that was not dead after all',
      [claim('a', [0, 2], 4), claim('b', [0, 1, 2, 3], 5)],
      4,
      { a: [0, 2], b: [1, 3] },
    ],
    ['spreads what the dead held', [claim('a', [0]), claim('b', [1])], 4, { a: [0, 2], b: [1, 3] }],
    ['forgets partitions that do not exist', [claim('a', [9])], 1, { a: [0] }],
  ])('%s', (_, claims, partitions, expected) => {
    expect(share(claims, partitions)).toEqual(expected);
  });

  it('gives each partition to one member, nobody two more than another, and moves as little as it can', () => {
    const held = fc.array(fc.uniqueArray(fc.nat({ max: 11 })), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(held, fc.integer({ min: 1, max: 12 }), (claims, partitions) => {
        const members = claims.map((own, index) => claim(`m${index}`, own, index));
        const shares = Object.values(share(members, partitions));
        const counts = shares.map((own) => own.length);
        expect(shares.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: partitions }, (_, index) => index));
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
        const again = members.map(({ member }) => claim(member, share(members, partitions)[member]!));
        expect(share(again, partitions)).toEqual(share(members, partitions));
      }),
    );
  });

  it('gives a topic to those who read it', () => {
    const one: Claim = { ...claim('a'), topics: ['x'] };
    const both: Claim = { ...claim('b'), topics: ['x', 'y'] };
    const shares = shareOut([one, both], () => 2);
    expect(shares.get('a')).toEqual([{ topic: 'x', partition: 0 }]);
    expect(shares.get('b')!.map(({ topic }) => topic)).toEqual(['x', 'y', 'y']);
  });
});

it('a claim and a share are read as they were written', () => {
  const { member, ...said } = claim('a', [3, 5], 8);
  expect(decodeClaim(member, encodeClaim(said))).toEqual({ member, ...said });
  const names = createTopicNames('test.');
  const partitions = [0, 7].map((partition) => ({ topic: `test.${TOPIC}`, partition }));
  const own = partitions.map(({ partition }) => ({ topic: TOPIC, partition }));
  expect(decodeShare(encodeShare(partitions), names)).toEqual(own);
  expect(decodeShare(Buffer.alloc(0), names)).toEqual([]);
});
