/** What a seed decides: chances, numbers and choices, always the same for the same seed and the same questions. */
import { createSeededRandom } from '@kairos/ports/testing';

export interface Draw {
  /** 0 <= n < 1. */
  readonly random: () => number;
  chance(probability: number): boolean;
  /** A whole number, both ends included. */
  int(min: number, max: number): number;
  pick<T>(list: readonly T[]): T;
}

/** @param stream Tells independent sequences of one seed apart. */
export function createDraw(seed: number, stream: number): Draw {
  const random = createSeededRandom(Math.imul(seed, 0x9e3779b1) ^ Math.imul(stream + 1, 0x85ebca6b));
  const int = (min: number, max: number): number => min + Math.floor(random() * (max - min + 1));
  return {
    random,
    chance: (probability) => probability > 0 && random() < probability,
    int,
    pick: <T>(list: readonly T[]): T => list[int(0, list.length - 1)]!,
  };
}
