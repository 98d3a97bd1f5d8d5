/** What ends a wait: an AbortSignal, or an `Ender`, which costs a fraction of one where waits are begun all the time. */
export interface Ending {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void, options?: { readonly once?: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** Ends the waits that it was given to, once. */
export interface Ender extends Ending {
  end(): void;
}

class SleepEnder implements Ender {
  aborted = false;
  private listeners: readonly (() => void)[] = NONE;

  addEventListener(_type: 'abort', listener: () => void): void {
    this.listeners = this.listeners.length === 0 ? [listener] : [...this.listeners, listener];
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    this.listeners = this.listeners.filter((other) => other !== listener);
  }

  end(): void {
    if (this.aborted) return;
    this.aborted = true;
    const told = this.listeners;
    this.listeners = NONE;
    for (const listener of told) listener();
  }
}

const NONE: readonly (() => void)[] = [];

export const createEnder = (): Ender => new SleepEnder();
