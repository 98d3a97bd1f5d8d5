/**
 * Dead letters that may stand on the bus twice: a process was stopped and taken for dead, or lost its shard, while it was
 * about to write them. The next owner looks whether they are there; what arrives only after that look is a second copy.
 * No bus can tell, so one is allowed for each such process that has begun to write the letter, and for no other.
 */
import type { SimProcess } from './process.js';

export interface GhostLetters {
  /** Notes who is writing letters just now and should not. */
  look(): void;
  copiesAllowed(letterKey: string): number;
}

/** @param areShared Traders share shards out among them: any of them may lose one without knowing. */
export function createGhostLetters(processes: () => readonly SimProcess[], areShared: boolean): GhostLetters {
  const ghosts = new Set<SimProcess>();
  return {
    look() {
      for (const process of processes()) if (areShared || process.gate.isPaused) ghosts.add(process);
    },
    copiesAllowed(letterKey) {
      const begun = [...ghosts].filter((process) => process.lettersBegun.has(letterKey)).length;
      return Math.max(1, begun + 1);
    },
  };
}
