import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Few } from './few.js';

const name = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const move = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('set' as const), name, value: fc.integer() }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('delete' as const), name }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('clear' as const) }) },
);

describe('a map of few entries', () => {
  it('is what a map is, in order of entry, whatever comes and goes', () => {
    fc.assert(
      fc.property(fc.array(move, { maxLength: 60 }), (moves) => {
        const few = new Few<number>();
        const map = new Map<string, number>();
        for (const each of moves) {
          if (each.do === 'set') for (const one of [few, map]) one.set(each.name, each.value);
          else if (each.do === 'delete') for (const one of [few, map]) one.delete(each.name);
          else for (const one of [few, map]) one.clear();
          expect([...few]).toEqual([...map]);
          expect([few.size, few.keys(), few.values()]).toEqual([map.size, [...map.keys()], [...map.values()]]);
          for (const of of ['a', 'e', 'none']) expect([few.get(of), few.has(of)]).toEqual([map.get(of), map.has(of)]);
        }
      }),
    );
  });

  it('is begun with entries, and gives lists that stay as they are', () => {
    const few = Few.of([
      ['a', 1],
      ['b', 2],
    ]);
    const [names, values] = [few.keys(), few.values()];
    few.delete('a');
    few.set('b', 3);
    expect([names, values]).toEqual([
      ['a', 'b'],
      [1, 2],
    ]);
    expect([few.nameAt(0), few.at(0)]).toEqual(['b', 3]);
  });
});
