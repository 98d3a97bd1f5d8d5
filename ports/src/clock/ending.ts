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

export function createEnder(): Ender {
  let aborted = false;
  let listeners: readonly (() => void)[] = [];
  return {
    get aborted() {
      return aborted;
    },
    addEventListener(_, listener) {
      listeners = [...listeners, listener];
    },
    removeEventListener(_, listener) {
      listeners = listeners.filter((other) => other !== listener);
    },
    end() {
      if (aborted) return;
      aborted = true;
      const told = listeners;
      listeners = [];
      for (const listener of told) listener();
    },
  };
}
