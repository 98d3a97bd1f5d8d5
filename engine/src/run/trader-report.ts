/** How a trader is, in one report: the shards it owns, their accounts, and the worst of their troubles. */
import type { Bus, Clock, Store } from '@kairos/ports';
import type { HealthReport, Instant } from '@kairos/schema';
import { TOPICS } from '@kairos/schema';
import type { Fleet } from './fleet.js';
import type { ShardStatus } from './shard.js';

export interface ReportDeps {
  readonly bus: Bus;
  readonly store: Store;
  readonly clock: Clock;
}

export interface ReportOptions {
  readonly instance: string;
}

/** What the report is about. */
export interface Reported {
  readonly fleet: Pick<Fleet, 'status'>;
  /** False while it waits for another trader to end. */
  readonly hasPlace: () => boolean;
}

export function createTraderReport(
  { bus, store, clock }: ReportDeps,
  { instance }: ReportOptions,
  { fleet, hasPlace }: Reported,
): () => Promise<HealthReport> {
  return async () => {
    const shards = fleet.status();
    const worst = shards.find(({ isHealthy }) => !isHealthy) ?? shards.find(({ trouble }) => trouble !== null);
    const calm = hasPlace() ? whatIsOwned(shards, store.shards) : 'waiting: another trader owns this world';
    return {
      component: 'trader',
      instance,
      at: clock.now(),
      healthy: hasPlace() && shards.every(({ isHealthy }) => isHealthy),
      detail: worst ? (troubleOf(worst, store.shards) ?? calm) : calm,
      lag: await lag(bus, shards),
      worldTime: furthestBehind(shards),
      feedName: null,
      feedSpeed: null,
      feedEndedAt: null,
    };
  };
}

function whatIsOwned(shards: readonly ShardStatus[], of: number): string {
  const accounts = shards.reduce((sum, shard) => sum + shard.accounts, 0);
  const what = `${accounts} account${accounts === 1 ? '' : 's'}`;
  if (of === 1) return `${what}, entry ${shards[0]?.entry ?? 0}`;
  if (shards.length === 0) return `stands by: other traders own all ${of} shards`;
  return `${what} in shards ${shards.map(({ shard }) => shard).join(', ')} of ${of}`;
}

function troubleOf({ shard, trouble, isHealthy }: ShardStatus, of: number): string | null {
  const words = trouble ?? (isHealthy ? null : 'being loaded');
  return words === null || of === 1 ? words : `shard ${shard}: ${words}`;
}

const furthestBehind = (shards: readonly ShardStatus[]): Instant | null =>
  shards.reduce<Instant | null>((behind, { worldTime }) => {
    if (worldTime === null) return behind;
    return behind === null || worldTime < behind ? worldTime : behind;
  }, null);

/** Records of prices, signals and commands that have not been taken yet, by the shard furthest behind. */
async function lag(bus: Bus, shards: readonly ShardStatus[]): Promise<number> {
  const topics = [TOPICS.marketData, TOPICS.signals, TOPICS.commands];
  const offsets = (await Promise.all(topics.map((topic) => bus.offsets(topic)))).flat();
  const lags = shards.map(({ positions }) =>
    offsets.reduce((sum, { topic, partition, next }) => {
      const position = positions[`${topic}:${partition}`];
      return position === undefined ? sum : sum + Math.max(0, next - position);
    }, 0),
  );
  return Math.max(0, ...lags);
}
