/** One direction of a proxied connection: chunks leave in order, not before they are due, and not while held. */

/** Chunks that wait for their time; beyond it nothing more is read. */
const WAITING_BYTES_MAX = 1 << 20;

/**
 * @param settings `isHeld()`, `delayMs()`, `allow(bytes)`: how many of them may pass, and `breakOff()` when that was
 *   not all
 */
export function createLeg(from, to, settings) {
  const waiting = [];
  let waitingBytes = 0;
  let timer = null;
  let isFull = false;

  const flow = () => {
    const isStuck = settings.isHeld() || isFull || waitingBytes >= WAITING_BYTES_MAX;
    if (isStuck) from.pause();
    else from.resume();
  };

  function passOn(chunk) {
    if (chunk === null) return void to.end();
    waitingBytes -= chunk.length;
    const bytes = settings.allow(chunk.length);
    if (bytes === chunk.length) isFull = !to.write(chunk);
    // What may pass is handed over first.
    else if (bytes > 0) to.write(chunk.subarray(0, bytes), settings.breakOff);
    else settings.breakOff();
  }

  /** Passes on what is due, and comes back for the rest. */
  function drain() {
    timer = null;
    while (waiting.length > 0 && !settings.isHeld() && !to.destroyed) {
      const inMs = waiting[0].dueAt - performance.now();
      if (inMs > 0) {
        timer = setTimeout(drain, inMs);
        break;
      }
      passOn(waiting.shift().chunk);
    }
    flow();
  }

  function take(chunk) {
    waitingBytes += chunk?.length ?? 0;
    waiting.push({ chunk, dueAt: performance.now() + settings.delayMs() });
    if (timer === null) drain();
  }

  from.on('data', take);
  from.on('end', () => take(null));
  from.on('close', () => clearTimeout(timer));
  to.on('drain', () => {
    isFull = false;
    flow();
  });
  flow();
  return { update: () => timer === null && drain() };
}
