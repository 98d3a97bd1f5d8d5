/**
 * A press that counts only when held: by pointer, Enter or Space for `HOLD_MS`. Where a press cannot be held (a screen
 * reader's click), two presses within `AGAIN_MS` do.
 */
import type { Timing } from '../live/timing.js';

export const HOLD_MS = 1_000;
export const AGAIN_MS = 5_000;

export class Hold {
  readonly #timing: Pick<Timing, 'after'>;
  readonly #done: () => void;
  #isHeld = $state.raw(false);
  #isArmed = $state.raw(false);
  #cancel: (() => void) | null = null;

  constructor(timing: Pick<Timing, 'after'>, done: () => void) {
    this.#timing = timing;
    this.#done = done;
  }

  /** Whether it is being held now. */
  get isHeld(): boolean {
    return this.#isHeld;
  }

  /** Whether one more click confirms. */
  get isArmed(): boolean {
    return this.#isArmed;
  }

  press(): void {
    if (this.#isHeld) return;
    this.#isHeld = true;
    this.#wait(HOLD_MS, () => {
      this.#isHeld = false;
      this.#done();
    });
  }

  release(): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    this.#cancel?.();
  }

  /** A click that came without a press. */
  click(): void {
    if (this.#isArmed) {
      this.#isArmed = false;
      this.#cancel?.();
      this.#done();
      return;
    }
    this.#isArmed = true;
    this.#wait(AGAIN_MS, () => {
      this.#isArmed = false;
    });
  }

  stop(): void {
    this.#cancel?.();
    this.#isHeld = false;
    this.#isArmed = false;
  }

  #wait(ms: number, run: () => void): void {
    this.#cancel?.();
    this.#cancel = this.#timing.after(ms, run);
  }
}
