/** Time that only the test moves. */
import type { Timing } from '../live/timing.js';
import type { Painter } from '../live/newest.js';

interface Due {
  readonly at: number;
  readonly run: () => void;
}

export class FakeTiming implements Timing {
  #now = 1_000;
  readonly #due = new Set<Due>();

  now(): number {
    return this.#now;
  }

  wall(): number {
    return Date.parse('2024-08-05T12:00:00.000Z') + this.#now;
  }

  random(): number {
    return 1;
  }

  after(ms: number, run: () => void): () => void {
    const due = { at: this.#now + ms, run };
    this.#due.add(due);
    return () => this.#due.delete(due);
  }

  /** Moves on, running what falls due in its order. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const [next] = [...this.#due].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
      if (!next) break;
      this.#due.delete(next);
      this.#now = next.at;
      next.run();
    }
    this.#now = end;
  }
}

/** Paints when the test says so. */
export class FakePainter implements Painter {
  #waiting: (() => void)[] = [];

  schedule(run: () => void): () => void {
    this.#waiting.push(run);
    return () => {
      this.#waiting = this.#waiting.filter((other) => other !== run);
    };
  }

  paint(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const run of waiting) run();
  }
}

/** Lets every promise that can settle do so. */
export const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
};
