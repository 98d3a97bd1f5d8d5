/** The feed: publishes prices to `crypto.market_data`, and once a second how it is to `crypto.health`. */
import type { Service } from '@kairos/ports';
import { orLate } from '@kairos/ports';
import type { Config, HealthReport, World } from '@kairos/schema';
import { encodeHealth, HEALTH_INTERVAL_MS, TOPICS } from '@kairos/schema';
import { createExchangeFeed } from './exchange/feed.js';
import { createReplay } from './replay/replay.js';
import { createSimulator } from './simulator/simulator.js';
import type { FeedDeps, FeedWork } from './work.js';

export interface FeedOptions {
  /** With FEED resolved: never `auto`. */
  readonly config: Config;
  readonly world: World;
  /** One per process start: names the feed in its health reports. */
  readonly instance: string;
}

/** `stop` waits this long for work under way. */
const STOP_MS_MAX = 3_000;
const DETAIL_LENGTH_MAX = 1_000;
const NAME_LENGTH_MAX = 200;

/**
 * `start` rejects when the feed is impossible (a file that cannot be read, an exchange that ccxt does not know);
 * `ended` rejects when it cannot go on (a symbol that the exchange does not trade, a bus that refuses for good).
 */
export function createFeed(deps: FeedDeps, options: FeedOptions): Service {
  const work = createWork(deps, options);
  const { clock } = deps;
  const stopping = new AbortController();
  let hasStarted = false;
  let finish: { resolve: () => void; reject: (error: unknown) => void };
  const ended = new Promise<void>((resolve, reject) => {
    finish = { resolve, reject };
  });
  // Whoever wants to know waits for `ended`; that nobody does is no reason to end the process.
  ended.catch(() => undefined);

  return {
    ended,
    async start() {
      await work.prepare();
      hasStarted = true;
      const health = reportHealth(deps, { ...options, work, signal: stopping.signal });
      work
        .run(stopping.signal)
        .finally(() => stopping.abort())
        .then(() => health)
        .then(finish.resolve, finish.reject);
    },
    async stop() {
      stopping.abort();
      if (!hasStarted) finish.resolve();
      await orLate(clock, STOP_MS_MAX, Promise.allSettled([ended]));
    },
  };
}

function createWork(deps: FeedDeps, { config, world }: FeedOptions): FeedWork {
  const choice = config.FEED;
  switch (choice.kind) {
    case 'replay':
      return createReplay(deps, { files: choice.files, config, world });
    case 'simulator':
      return createSimulator(deps, { config, world });
    case 'exchange':
      return createExchangeFeed(deps, { exchange: choice.exchange, config, world });
    case 'auto':
      throw new Error('expected FEED by name, found auto: resolve it first (resolveFeed), once for all processes');
  }
}

interface HealthOptions {
  readonly work: FeedWork;
  readonly instance: string;
  readonly signal: AbortSignal;
}

/** Reports until the signal aborts. A bus that does not answer is for the feed itself to deal with. */
async function reportHealth({ bus, clock, log }: FeedDeps, { work, instance, signal }: HealthOptions): Promise<void> {
  const key = `feed:${instance}`;
  while (!signal.aborted) {
    const { healthy, detail, worldTime, endedAt } = work.status();
    const report: HealthReport = {
      component: 'feed',
      instance,
      at: clock.now(),
      healthy,
      detail: detail.slice(0, DETAIL_LENGTH_MAX),
      lag: null,
      worldTime,
      feedName: work.name.slice(0, NAME_LENGTH_MAX),
      feedSpeed: work.speed,
      feedEndedAt: endedAt,
    };
    try {
      await bus.publish(TOPICS.health, [{ key, value: encodeHealth(report) }]);
    } catch (error) {
      log.debug({ error: String(error) }, 'the health report was not published');
    }
    await clock.sleep(HEALTH_INTERVAL_MS, signal);
  }
}
