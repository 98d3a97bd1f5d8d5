/** Resolves when what it hands to `hand` is called, or the signal aborts; nothing of it stays on the signal. */
export function woken(signal: AbortSignal, hand: (wake: () => void) => void): Promise<void> {
  return new Promise((resolve) => {
    const wake = (): void => {
      signal.removeEventListener('abort', wake);
      resolve();
    };
    signal.addEventListener('abort', wake, { once: true });
    hand(wake);
    if (signal.aborted) wake();
  });
}
