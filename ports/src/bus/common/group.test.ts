import type { Instant, Topic } from '@kairos/schema';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GroupState } from './group.js';
import { EMPTY_GROUP, isOverdue, keepMembers, withMember } from './group.js';
import { GROUP_MEMBERS_MAX, SESSION_TIMEOUT_MS } from './limits.js';

const NOW = 1_700_000_000_000 as Instant;
const COMMANDS: Topic = 'crypto.commands';
const TRADES: Topic = 'crypto.trades';

const join = (state: GroupState, topics: readonly Topic[], partitions: number): GroupState =>
  withMember(state, { topics, seenAt: NOW, process: 'p' }, () => partitions);

const share = (state: GroupState, topic: Topic): number[] =>
  state.owners.filter((owner) => owner.topic === topic).map((owner) => owner.member);

describe('sharing out', () => {
  it.each<[partitions: number, members: number, owners: number[]]>([
    [4, 1, [1, 1, 1, 1]],
    [4, 2, [1, 1, 2, 2]],
    [5, 2, [1, 1, 1, 2, 2]],
    [8, 3, [1, 1, 1, 2, 2, 2, 3, 3]],
    [2, 3, [1, 2]],
  ])('%i partitions among %i members', (partitions, members, owners) => {
    let state = EMPTY_GROUP;
    for (let count = 0; count < members; count++) state = join(state, [COMMANDS], partitions);
    expect(share(state, COMMANDS)).toEqual(owners);
  });

  it('gives the partitions of a topic to those who read it', () => {
    const state = join(join(EMPTY_GROUP, [COMMANDS], 2), [COMMANDS, TRADES], 2);
    expect(share(state, COMMANDS)).toEqual([1, 2]);
    expect(share(state, TRADES)).toEqual([2, 2]);
  });

  it('gives every partition to exactly one living member and nobody two more than another, whatever happened', () => {
    const change = fc.oneof(fc.constant('join' as const), fc.nat({ max: 20 }));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.array(change, { maxLength: 30 }), (partitions, changes) => {
        const state = changes.reduce<GroupState>(
          (before, step) =>
            step === 'join'
              ? join(before, [COMMANDS], partitions)
              : keepMembers(
                  before,
                  (member) => member.id !== step,
                  () => partitions,
                ),
          EMPTY_GROUP,
        );
        const owners = share(state, COMMANDS);
        const counts = state.members.map(({ id }) => owners.filter((owner) => owner === id).length);
        expect(owners).toHaveLength(state.members.length === 0 ? 0 : partitions);
        expect(counts.reduce((sum, count) => sum + count, 0)).toBe(owners.length);
        expect(Math.max(...counts, 0) - Math.min(...counts, Infinity)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('notes since which generation a partition has its owner', () => {
    const alone = join(EMPTY_GROUP, [COMMANDS], 4);
    const two = join(alone, [COMMANDS], 4);
    const again = keepMembers(
      two,
      (member) => member.id === 1,
      () => 4,
    );
    expect(two.owners.map((owner) => owner.since)).toEqual([1, 1, 2, 2]);
    expect(again.owners.map((owner) => owner.since)).toEqual([1, 1, 3, 3]);
  });

  it('never gives a number twice', () => {
    const left = keepMembers(
      join(EMPTY_GROUP, [COMMANDS], 1),
      () => false,
      () => 1,
    );
    expect(join(left, [COMMANDS], 1).members.map((member) => member.id)).toEqual([2]);
  });

  it('takes a bounded number of members', () => {
    let state = EMPTY_GROUP;
    for (let count = 0; count < GROUP_MEMBERS_MAX; count++) state = join(state, [COMMANDS], 1);
    expect(() => join(state, [COMMANDS], 1)).toThrow(expect.objectContaining({ code: 'UNAVAILABLE' }));
  });
});

describe('a sign of life', () => {
  it.each([
    ['just now', 0, false],
    ['almost too long ago', SESSION_TIMEOUT_MS - 1, false],
    ['too long ago', SESSION_TIMEOUT_MS, true],
    ['a little ahead', -1_000, false],
    ['far ahead', -SESSION_TIMEOUT_MS, true],
  ])('from %s', (_, agoMs, expected) => {
    const member = { id: 1, topics: [], seenAt: (NOW - agoMs) as Instant, process: 'p' };
    expect(isOverdue(member, NOW)).toBe(expected);
  });
});
