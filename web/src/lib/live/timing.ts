/** Time and chance as the page gets them: given, so that tests can give others. */
import { createSubscriber } from 'svelte/reactivity';

export interface Timing {
  /** Monotonic milliseconds: for ages and waits. */
  now(): number;
  /** Epoch milliseconds of this machine. */
  wall(): number;
  /** Calls back once after the wait; the returned function calls it off. */
  after(ms: number, run: () => void): () => void;
  /** 0 to below 1. */
  random(): number;
}

/** The browser's own. */
export const browserTiming: Timing = {
  now: () => performance.now(),
  wall: () => Date.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
  random: () => Math.random(),
};

/** How often shown ages move on. */
export const TICK_MS = 500;

/** The time as something that effects and templates follow; it ticks only while somebody looks. */
export class Ticker {
  readonly #timing: Timing;
  readonly #subscribe: () => void;

  constructor(timing: Timing) {
    this.#timing = timing;
    this.#subscribe = createSubscriber((update) => {
      let cancel: () => void;
      const tick = (): void => {
        cancel = timing.after(TICK_MS, tick);
        update();
      };
      cancel = timing.after(TICK_MS, tick);
      return () => cancel();
    });
  }

  /** Monotonic milliseconds. */
  get now(): number {
    this.#subscribe();
    return this.#timing.now();
  }
}
