/**
 * Where a simulated process meets the world outside: every call of a port goes through here, once before it leaves and
 * once before its answer is heard. Between two of these nothing that a process does can be seen from outside, so these
 * are all the points at which it can be killed or stopped.
 */
export interface Gate {
  /** Carries out a call. Never settles once the process is dead. */
  call<T>(what: string, work: () => Promise<T>): Promise<T>;
  /** Kills the process at the n-th point from now on. */
  killIn(points: number): void;
  kill(): void;
  pause(): void;
  resume(): void;
  readonly isDead: boolean;
  readonly isPaused: boolean;
  /** Points passed so far. */
  readonly points: number;
}

export type OnPoint = (point: string) => boolean;

export interface GateOptions {
  /** Told the name of each point that is reached; true kills the process there. */
  readonly onPoint?: OnPoint | undefined;
  readonly onKilled: () => void;
}

/** One of its own for each who waits: what waits for a shared one for ever is never forgotten. */
const nothingMore = (): Promise<never> => new Promise(() => undefined);

export function createGate({ onPoint, onKilled }: GateOptions): Gate {
  let isDead = false;
  let points = 0;
  let killAt = Infinity;
  let paused: Promise<void> | null = null;
  let wake: () => void = () => undefined;

  const kill = (): void => {
    if (isDead) return;
    isDead = true;
    onKilled();
    wake();
  };

  /** Most often at once, without a promise. */
  const pass = (what: string, side: string): Promise<void> | undefined => {
    if (isDead) return nothingMore();
    if (paused) return paused.then(() => pass(what, side));
    points += 1;
    const isLast = onPoint?.(`${side} ${what}`) ?? false;
    if (points < killAt && !isLast) return undefined;
    kill();
    return nothingMore();
  };

  return {
    async call(what, work) {
      await pass(what, 'before');
      try {
        const answer = await work();
        await pass(what, 'after');
        return answer;
      } catch (error) {
        await pass(what, 'after');
        throw error;
      }
    },
    killIn(count) {
      killAt = points + count;
    },
    kill,
    pause() {
      paused ??= new Promise((resolve) => {
        wake = resolve;
      });
    },
    resume() {
      paused = null;
      wake();
    },
    get isDead() {
      return isDead;
    },
    get isPaused() {
      return paused !== null;
    },
    get points() {
      return points;
    },
  };
}
