/** When a process is asked to end: Ctrl-C, SIGTERM, a closed terminal, or a supervisor that is gone. */

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** How often a process that npm started looks whether npm is still there. */
export const PARENT_LOOK_MS = 250;

/** Aborts at the first request to end; later ones change nothing. `dispose` gives the signals back. */
export function listenForStop(target: NodeJS.Process = process): { readonly signal: AbortSignal; dispose(): void } {
  const stopping = new AbortController();
  const stop = () => stopping.abort();
  for (const name of SIGNALS) target.on(name, stop);
  // Whoever was started with a channel ends with the process at its other end: nothing is left behind.
  if (target.connected) target.on('disconnect', stop);
  const timer = isStartedByNpm(target) ? watchParent(target, stop) : undefined;
  return {
    signal: stopping.signal,
    dispose() {
      clearInterval(timer);
      for (const name of SIGNALS) target.off(name, stop);
      target.off('disconnect', stop);
    },
  };
}

const isStartedByNpm = ({ env }: NodeJS.Process): boolean => env['npm_lifecycle_event'] !== undefined;

/** npm that is ended by a signal does not pass it on: whoever it started must see that it is gone. */
function watchParent(target: NodeJS.Process, stop: () => void): NodeJS.Timeout {
  const parent = target.ppid;
  const timer = setInterval(() => {
    if (target.ppid !== parent) stop();
  }, PARENT_LOOK_MS);
  return timer.unref();
}

/** Resolves when the signal aborts. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
