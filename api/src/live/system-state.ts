/** How a world's feed, predictor, trader, bus and store are: plain data from what was last heard of each. */
import type { Progress } from '@kairos/ports';
import type { Component, Config, FeedKind, HealthReport, Instant, World } from '@kairos/schema';
import { COMPONENTS, feedKindOf, HEALTH_TIMEOUT_MS } from '@kairos/schema';

export interface ComponentState {
  readonly name: string;
  readonly isHealthy: boolean;
  /** One line for people. */
  readonly detail: string;
  readonly latencyMs: number | null;
  readonly lag: number | null;
  /** Wall time. */
  readonly lastSeen: Instant | null;
}

export interface SystemState {
  readonly feed: FeedKind;
  readonly feedName: string;
  /** Candles per real candle time; null with an exchange or as fast as they are taken. */
  readonly feedSpeed: number | null;
  /** Wall time of the newest price. */
  readonly feedLastSeenAt: Instant | null;
  /** World time at which a replay ran out. */
  readonly feedEndedAt: Instant | null;
  readonly serverTime: Instant;
  readonly worldTime: Instant | null;
  readonly isHealthy: boolean;
  readonly components: readonly ComponentState[];
}

/** The newest answer to a ping. */
export interface PingResult {
  readonly isAnswering: boolean;
  readonly latencyMs: number | null;
  /** Wall time of the newest answer. */
  readonly lastSeen: Instant | null;
}

export interface SystemFacts {
  readonly world: World;
  readonly config: Config;
  readonly now: Instant;
  /** The newest report of each process that was heard of. */
  readonly reports: readonly HealthReport[];
  readonly progress: Progress | null;
  readonly priceHeardAt: Instant | null;
  readonly bus: PingResult | null;
  readonly store: PingResult | null;
}

export function systemStateOf(facts: SystemFacts): SystemState {
  const { world, config, now, progress } = facts;
  const feed = feedKindOf(world);
  const report = newestOf(facts, 'feed');
  const components = [
    ...COMPONENTS.map((name) => processState(facts, name)),
    pingState('bus', facts.bus),
    pingState('store', facts.store),
  ];
  return {
    feed,
    feedName: report?.feedName ?? nameOf(world, config),
    feedSpeed: feed === 'EXCHANGE' ? null : report ? report.feedSpeed : finiteOrNull(config.FEED_SPEED ?? 1),
    feedLastSeenAt: facts.priceHeardAt,
    feedEndedAt: progress?.notes.feedEndedAt ?? null,
    serverTime: now,
    worldTime: feed === 'EXCHANGE' ? now : (progress?.worldTime ?? null),
    isHealthy: components.every((component) => component.isHealthy),
    components,
  };
}

/** Text that differs between two states that people should be told of at once. */
export const significanceOf = (state: SystemState): string =>
  JSON.stringify([
    state.feedName,
    state.feedSpeed,
    state.feedEndedAt,
    state.components.map(({ isHealthy, name }) => [name, isHealthy]),
    state.components.filter(({ isHealthy }) => !isHealthy).map(({ detail }) => detail.replace(/\d+/g, '')),
  ]);

const finiteOrNull = (value: number): number | null => (Number.isFinite(value) ? value : null);

const newestFirst = (a: HealthReport, b: HealthReport): number => b.at - a.at;

const newestOf = ({ reports }: SystemFacts, component: Component): HealthReport | null =>
  reports.filter((report) => report.component === component).sort(newestFirst)[0] ?? null;

function processState(facts: SystemFacts, component: Component): ComponentState {
  const newest = newestOf(facts, component);
  const base = { name: component, latencyMs: null, lag: newest?.lag ?? null, lastSeen: newest?.at ?? null };
  if (!newest) return { ...base, isHealthy: false, detail: 'Not heard of yet' };
  const fresh = facts.reports.filter(
    (report) => report.component === component && facts.now - report.at <= HEALTH_TIMEOUT_MS,
  );
  if (fresh.length === 0) {
    const seconds = Math.round((facts.now - newest.at) / 1_000);
    return { ...base, isHealthy: false, detail: `Not heard of for ${seconds} s` };
  }
  const spokesman = fresh.filter((report) => !report.healthy).sort(newestFirst)[0] ?? newest;
  const waiting = component === 'trader' ? waitingFor(facts) : null;
  const detail = waiting === null ? spokesman.detail : `${spokesman.detail}; ${waiting}`;
  return { ...base, isHealthy: spokesman.healthy, detail };
}

/** What a lock-step trader says about the predictor; null where there is nothing to say. */
function waitingFor({ world, progress }: SystemFacts): string | null {
  if (feedKindOf(world) === 'EXCHANGE' || !progress || progress.notes.feedEndedAt !== null) return null;
  const { hasPredictor, firstSignalWaitEndedAt, round } = progress.notes;
  if (hasPredictor) {
    const isWaiting = round !== null && round.isComplete && round.awaiting.length > 0;
    return isWaiting ? `waiting for the predictor's signals for ${round.awaiting.join(', ')}` : null;
  }
  return firstSignalWaitEndedAt === null
    ? "waiting for the predictor's first signal, 30 s at most"
    : 'no signal of the predictor came within 30 s: going on without, until one arrives';
}

function pingState(name: string, ping: PingResult | null): ComponentState {
  const base = { name, lag: null, latencyMs: ping?.latencyMs ?? null, lastSeen: ping?.lastSeen ?? null };
  if (!ping) return { ...base, isHealthy: false, detail: 'Not asked yet' };
  return { ...base, isHealthy: ping.isAnswering, detail: ping.isAnswering ? 'Answers' : 'Does not answer' };
}

function nameOf(world: World, { FEED }: Config): string {
  if (FEED.kind === 'replay') return FEED.files.map((file) => file.split(/[\\/]/).at(-1)).join(', ');
  const detail = world.slice(feedKindOf(world).length + 1);
  return detail === '' ? feedKindOf(world).toLowerCase() : detail;
}
