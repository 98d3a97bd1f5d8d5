/** A service that a world has only one of: it is made and started once this process holds the lock on its place. */
import type { Lock, LockHandle, Log, Service } from '@kairos/ports';

export interface OwnedDeps {
  readonly lock: Lock;
  readonly log: Log;
}

export interface OwnedOptions {
  /** What the service is called in the log. */
  readonly what: string;
  create(): Service;
}

/**
 * `start` resolves when the service does its work, or waits for one elsewhere to end: other parts of this process need
 * not wait with it. The place is free again when the service has ended. Where the place is lost to another process the
 * service is stopped, and `ended` rejects with the reason.
 */
export function createOwned({ lock, log }: OwnedDeps, { what, create }: OwnedOptions): Service {
  const stopping = new AbortController();
  const ended = createSettling();
  const settled = createSettling();
  let running: Promise<void> | null = null;
  let service: Service | null = null;

  const onWaiting = (): void => {
    log.warn({}, `another ${what} works in this world: waiting until it ends`);
    settled.resolve();
  };

  const live = async (made: Service): Promise<void> => {
    await made.start();
    settled.resolve();
    await made.ended;
  };

  const work = async (handle: LockHandle): Promise<void> => {
    try {
      if (stopping.signal.aborted) return;
      const made = create();
      service = made;
      const reason = await Promise.race([live(made), handle.lost]);
      if (!reason) return;
      log.error({ code: reason.code }, `the ${what} has lost its place in this world: ${reason.message}`);
      await made.stop();
      throw reason;
    } finally {
      await handle.release();
    }
  };

  const run = async (): Promise<void> => {
    const handle = await lock.acquire({ onWaiting, signal: stopping.signal });
    if (handle) await work(handle);
  };

  return {
    ended: ended.promise,
    async start() {
      running ??= run();
      running.then(ended.resolve, ended.reject);
      await Promise.race([settled.promise, running]);
    },
    async stop() {
      stopping.abort();
      await service?.stop();
      if (!running) ended.resolve();
      await Promise.allSettled([running]);
    },
  };
}

/** A promise that is settled from outside; only the first time counts. */
function createSettling() {
  let resolve: () => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const promise = new Promise<void>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve: () => resolve(), reject: (error: unknown) => reject(error) };
}
