/** When a process is asked to end: Ctrl-C, SIGTERM, a closed terminal, or a supervisor that is gone. */

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Aborts at the first request to end; later ones change nothing. `dispose` gives the signals back. */
export function listenForStop(target: NodeJS.Process = process): { readonly signal: AbortSignal; dispose(): void } {
  const stopping = new AbortController();
  const stop = () => stopping.abort();
  for (const name of SIGNALS) target.on(name, stop);
  // Whoever was started with a channel ends with the process at its other end: nothing is left behind.
  if (target.connected) target.on('disconnect', stop);
  return {
    signal: stopping.signal,
    dispose() {
      for (const name of SIGNALS) target.off(name, stop);
      target.off('disconnect', stop);
    },
  };
}

/** Resolves when the signal aborts. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
