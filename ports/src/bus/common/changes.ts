/**
 * Counts changes of a bus as far as this process knows of them, by what has changed, and wakes whoever waits for that:
 * who reads prices is not woken by every event that is published.
 */
import type { Topic } from '@kairos/schema';
import type { Clock } from '../../clock/clock.js';
import type { Ender } from '../../clock/ending.js';
import { createEnder } from '../../clock/ending.js';

/** What changes: the records of a topic, or a group. */
export type Subject = Topic | `group ${string}`;

export interface Changes {
  /** Changes so far of a subject. */
  countOf(subject: Subject): number;
  /** Something has changed; null = nobody knows what. */
  note(subject: Subject | null): void;
  /** For one who waits for changes of any of these. */
  watch(subjects: readonly Subject[]): Watch;
}

/** Watches some subjects, for one who waits at a time. */
export interface Watch {
  /** Grows with every change of what is watched, and with `wake`. */
  count(): number;
  /** Resolves when `count` has grown beyond `since` (a former `count`), or after `ms`. */
  wait(since: number, ms: number): Promise<void>;
  /** Wakes the one who waits, or who is about to, though nothing has changed. */
  wake(): void;
}

export function createChanges(clock: Clock): Changes {
  const counts = new Map<Subject, number>();
  let unnamed = 0;
  /** Those who wait, in the order in which they came. */
  const waiting = new Map<Ender, readonly Subject[]>();

  const countOf = (subject: Subject): number => (counts.get(subject) ?? 0) + unnamed;

  return {
    countOf,
    note(subject) {
      if (subject === null) unnamed += 1;
      else counts.set(subject, (counts.get(subject) ?? 0) + 1);
      for (const [timer, subjects] of waiting) {
        if (subject === null || subjects.includes(subject)) timer.end();
      }
    },
    watch(subjects) {
      let wakes = 0;
      let timer: Ender | null = null;
      const count = (): number => subjects.reduce((sum, subject) => sum + countOf(subject), wakes);
      return {
        count,
        async wait(since, ms) {
          if (since !== count()) return;
          const own = createEnder();
          timer = own;
          waiting.set(own, subjects);
          await clock.sleep(ms, own);
          waiting.delete(own);
        },
        wake() {
          wakes += 1;
          timer?.end();
        },
      };
    },
  };
}
