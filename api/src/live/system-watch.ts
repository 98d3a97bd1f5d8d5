/** Keeps an eye on feed, predictor, trader, bus and store. */
import type { Bus, BusRecord, Clock, Progress, Store } from '@kairos/ports';
import type { Config, HealthReport, Instant, World } from '@kairos/schema';
import { decodeHealth, HEALTH_TIMEOUT_MS } from '@kairos/schema';
import { createBroadcast } from './broadcast.js';
import type { Stream } from './channel.js';
import type { PingResult, SystemState } from './system-state.js';
import { significanceOf, systemStateOf } from './system-state.js';
import { within } from './within.js';

export interface SystemWatch {
  start(): Promise<void>;
  stop(): Promise<void>;
  /** A record of `crypto.health`. */
  take(record: BusRecord): void;
  /** Something that the state depends on may have changed. */
  look(): void;
  state(): SystemState;
  /** At once, on change, and at least every 2 s. */
  subscribe(): Stream<SystemState>;
}

export interface SystemWatchDeps {
  readonly bus: Bus;
  readonly store: Store;
  readonly clock: Clock;
  readonly world: World;
  readonly config: Config;
  progress(): Progress | null;
  /** Wall time of the newest price of any symbol. */
  priceHeardAt(): Instant | null;
}

export const SYSTEM_GAP_MAX_MS = 2_000;
/** How often the state is looked at for processes that fell silent, and how often bus and store are asked. */
const LOOK_EVERY_MS = 500;
const PING_EVERY_MS = 1_000;
const PING_LIMIT_MS = 2_000;
/** Processes that are remembered. */
const REPORTS_MAX = 100;
/** A process silent for this long is forgotten once there is a newer one. */
const FORGET_MS = 10 * HEALTH_TIMEOUT_MS;

export function createSystemWatch(deps: SystemWatchDeps): SystemWatch {
  const { clock } = deps;
  const broadcast = createBroadcast<SystemState>({ capacity: 1, keyOf: () => 'system' });
  const reports = new Map<string, HealthReport>();
  const stopping = new AbortController();
  const pings: { bus: PingResult | null; store: PingResult | null } = { bus: null, store: null };
  let told = '';
  let toldAt = -Infinity;
  let loops: Promise<unknown> = Promise.resolve();

  const state = (): SystemState =>
    systemStateOf({
      world: deps.world,
      config: deps.config,
      now: clock.now(),
      reports: [...reports.values()],
      progress: deps.progress(),
      priceHeardAt: deps.priceHeardAt(),
      ...pings,
    });
  const look = (): void => {
    if (broadcast.size === 0) return;
    const current = state();
    const significance = significanceOf(current);
    if (significance === told && clock.monotonicMs() - toldAt < SYSTEM_GAP_MAX_MS) return;
    told = significance;
    toldAt = clock.monotonicMs();
    broadcast.push(current);
  };
  const ask = async (name: 'bus' | 'store'): Promise<void> => {
    const begun = clock.monotonicMs();
    try {
      await within(clock, PING_LIMIT_MS, deps[name].ping());
      const latencyMs = Math.round((clock.monotonicMs() - begun) * 100) / 100;
      pings[name] = { isAnswering: true, latencyMs, lastSeen: clock.now() };
    } catch {
      pings[name] = { isAnswering: false, latencyMs: null, lastSeen: pings[name]?.lastSeen ?? null };
    }
    look();
  };
  const repeat = async (everyMs: number, work: () => Promise<void> | void): Promise<void> => {
    while (!stopping.signal.aborted) {
      await work();
      await clock.sleep(everyMs, stopping.signal);
    }
  };

  return {
    async start() {
      loops = Promise.all([
        repeat(LOOK_EVERY_MS, look),
        repeat(PING_EVERY_MS, () => ask('bus')),
        repeat(PING_EVERY_MS, () => ask('store')),
      ]);
    },
    async stop() {
      stopping.abort();
      await loops;
    },
    take(record) {
      const decoded = decodeHealth(record.value);
      if (!decoded.ok) return;
      remember(reports, decoded.value, clock.now());
      look();
    },
    look,
    state,
    subscribe: () => broadcast.subscribe({ initial: [state()] }),
  };
}

/** The newest report per process; the oldest are forgotten. */
function remember(reports: Map<string, HealthReport>, report: HealthReport, now: Instant): void {
  const key = `${report.component}:${report.instance}`;
  reports.delete(key);
  reports.set(key, report);
  for (const [other, { component, at }] of reports) {
    const isGone = component === report.component && other !== key && now - at > FORGET_MS;
    if (isGone || reports.size > REPORTS_MAX) reports.delete(other);
  }
}
