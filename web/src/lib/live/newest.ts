/**
 * Holds frames back until there is something to paint: of those that arrive meanwhile only the newest `max` are kept,
 * so that nothing piles up behind a hidden page.
 */
export interface Painter {
  /** Calls back before the next paint, or within a second while the page is hidden; the returned function cancels. */
  schedule(run: () => void): () => void;
}

/** How often a hidden page takes what came: its title still tells the equity. */
export const HIDDEN_INTERVAL_MS = 1_000;

/** The browser's own paints. */
export const browserPainter: Painter = {
  schedule: (run) => {
    if (document.hidden) {
      const timer = setTimeout(run, HIDDEN_INTERVAL_MS);
      return () => clearTimeout(timer);
    }
    const late = setTimeout(once, HIDDEN_INTERVAL_MS);
    const frame = requestAnimationFrame(once);
    function once(): void {
      clearTimeout(late);
      cancelAnimationFrame(frame);
      run();
    }
    return () => {
      clearTimeout(late);
      cancelAnimationFrame(frame);
    };
  },
};

export interface Inbox<Frame> {
  push(frame: Frame): void;
  stop(): void;
}

/** Makes an inbox that hands over what came, oldest first, at most `max` frames at a time. */
export function createInbox<Frame>(
  painter: Painter,
  max: number,
  take: (frames: readonly Frame[]) => void,
): Inbox<Frame> {
  let waiting: Frame[] = [];
  let cancel: (() => void) | null = null;
  const flush = (): void => {
    const frames = waiting;
    waiting = [];
    cancel = null;
    take(frames);
  };
  return {
    push: (frame) => {
      if (waiting.length >= max) waiting.shift();
      waiting.push(frame);
      cancel ??= painter.schedule(flush);
    },
    stop: () => {
      cancel?.();
      cancel = null;
      waiting = [];
    },
  };
}
