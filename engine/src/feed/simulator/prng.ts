/** A small seeded generator (xoshiro128**): the same seed and label always give the same numbers, on every machine. */

/** Four 32-bit words, not all zero. */
export type PrngState = readonly [number, number, number, number];

export interface Prng {
  /** From 0 to below 1, in steps of 2^-32. */
  uniform(): number;
  /** Standard normal: mean 0, deviation 1. */
  normal(): number;
  /** Everything that the next numbers depend on. */
  state(): PrngState;
}

/** The generator's beginning for a seed (0 to 2^32 - 1) and a stream's name. */
export function seedPrng(seed: number, label: string): PrngState {
  let mixed = hashText(label) ^ Math.imul(seed, 0x9e3779b1);
  const word = (): number => {
    mixed = (mixed + 0x9e3779b9) | 0;
    let z = mixed;
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return (z ^ (z >>> 16)) >>> 0;
  };
  const words: PrngState = [word(), word(), word(), word()];
  return words.every((value) => value === 0) ? [1, 2, 3, 4] : words;
}

export function createPrng(from: PrngState): Prng {
  let [a, b, c, d] = from;
  const next = (): number => {
    const product = Math.imul(b, 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = (d << 11) | (d >>> 21);
    return result;
  };
  const uniform = (): number => next() / 2 ** 32;
  return {
    uniform,
    // Box and Muller; the second of the pair is let go, so that the state is the four words alone.
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
    state: () => [a >>> 0, b >>> 0, c >>> 0, d >>> 0],
  };
}

/** FNV-1a over the text's code units. */
function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash;
}
