/**
 * Ends the process when it is asked to end before it listens itself: while its modules are still being loaded, or bus and
 * store are being opened. Nothing has begun then that must be brought to an end. To be imported before anything else.
 */

/** Commands that run until they are asked to end, so that this is no failure of theirs; the others end by the signal. */
const RUN_UNTIL_ASKED = ['start', 'api', 'engine', 'feed', 'predict', 'trade'];
const ASKS = ['SIGINT', 'SIGTERM', 'SIGHUP', ...(process.connected ? ['disconnect'] : [])];

if (RUN_UNTIL_ASKED.includes(process.argv[2])) {
  for (const ask of ASKS) {
    process.on(ask, () => {
      const isHeardByOthers = process.listenerCount(ask) > 1;
      if (!isHeardByOthers) process.exit(0);
    });
  }
}
