/** Short notes in the corner: news go by themselves, failures stay until dismissed. */

export type Tone = 'neutral' | 'good' | 'bad';

export interface Toast {
  readonly id: number;
  readonly tone: Tone;
  readonly text: string;
}

/** How long news stay. */
export const TOAST_MS = 6_000;
export const TOASTS_MAX = 4;

export class Toasts {
  #toasts = $state.raw<readonly Toast[]>([]);
  #next = 1;
  readonly #after: (ms: number, run: () => void) => void;

  constructor(after: (ms: number, run: () => void) => void) {
    this.#after = after;
  }

  /** Oldest first. */
  get all(): readonly Toast[] {
    return this.#toasts;
  }

  show(text: string, tone: Tone = 'neutral'): void {
    const id = this.#next;
    this.#next += 1;
    this.#toasts = [...this.#toasts, { id, tone, text }].slice(-TOASTS_MAX);
    if (tone !== 'bad') this.#after(TOAST_MS, () => this.dismiss(id));
  }

  dismiss(id: number): void {
    this.#toasts = this.#toasts.filter((toast) => toast.id !== id);
  }
}
