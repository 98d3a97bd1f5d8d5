/** Numbers that look random and depend on the seed alone. */

/** The next number, 0 <= n < 1. */
export type Random = () => number;

/** A generator of 32 bits of state (splitmix32): the same seed always gives the same numbers. */
export function createSeededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  };
}
