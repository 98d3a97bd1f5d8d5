/**
 * The predictor of an EXCHANGE world: a member of the world's group, so that several share the symbols.
 *
 * Models begin with the exchange's own history, which is trained on and never published; a hole in what the bus brings
 * is filled from it too, where the exchange has it. A signal is published for each candle that the bus brings and that
 * closed no longer than MAX_SIGNAL_AGE_SECONDS ago, whether the history knew it or not.
 */
import type { BusRecord, GroupMember } from '@kairos/ports';
import { isPortError } from '@kairos/ports';
import type { Candle, Instant, Signal } from '@kairos/schema';
import { closeTimeOf, MINUTE_MS, SECOND_MS, TOPICS, worldSlug } from '@kairos/schema';
import { HISTORY_INTERVAL_MS } from '../limits.js';
import { costsOf, createSignalFold, signalIdOf } from '../signal-fold.js';
import type { Feeding, FeedingDeps, FeedingOptions } from './feeding.js';
import { decodeBatch, laterOf, pollPrices } from './feeding.js';
import { createRefusals } from './refusals.js';
import { createSignalOutlet } from './signal-outlet.js';

/** The group whose members share out a world's prices. */
export const predictorGroup = (world: string): string => `kairos-predictor-${worldSlug(world)}`;

/** Room for what clocks of broker and predictor differ, when looking for own signals that still matter. */
const CLOCK_MARGIN_MS = 10 * MINUTE_MS;

/** Fetches history and joins the group. @throws Stopping, or a PortError that cannot pass */
export async function openExchange(deps: FeedingDeps, { config, world }: FeedingOptions): Promise<Feeding> {
  const { bus, clock, log, retry } = deps;
  const ageMsMax = config.MAX_SIGNAL_AGE_SECONDS * SECOND_MS;
  const oldest = (): Instant => (clock.now() - ageMsMax) as Instant;
  const fold = createSignalFold({ costs: costsOf(config.COMMISSION), trainingCandlesOf: () => 0 });
  const refusals = createRefusals(deps);
  const outlet = createSignalOutlet(deps, {
    partition: null,
    horizon: () => (oldest() - CLOCK_MARGIN_MS) as Instant,
  });
  /** Signals of candles that history brought before the bus did. */
  const known = new Map<string, Signal>();
  const fetchedAt = new Map<string, number>();
  const positions = new Map<number, number>();
  let worldTime: Instant | null = null;

  /** Begins a symbol anew with the exchange's candles; leaves it as it was when they cannot be had. */
  async function learn(symbol: string): Promise<void> {
    if (!deps.history) return;
    fetchedAt.set(symbol, clock.monotonicMs());
    const fetched = deps.history(symbol).catch((error: unknown): readonly Candle[] => {
      log.warn({ symbol, error: String(error) }, 'cannot fetch history: learning from what the bus brings');
      return [];
    });
    const candles = await retry.unlessStopping(fetched);
    if (candles.length === 0) return;
    fold.restart(symbol, null);
    for (const candle of candles) {
      const signal = fold.take(candle);
      if (signal && signal.time >= oldest()) known.set(signal.id, signal);
    }
    log.info({ symbol, candles: candles.length }, `trained on ${candles.length} candles of ${symbol}`);
  }

  /** Whether a candle comes after a hole, and it is time to ask the exchange for what is missing. */
  function needsHistory(candle: Candle): boolean {
    const progress = fold.progressOf(candle.symbol);
    if (progress && candle.time <= progress.closedAt) return false;
    return clock.monotonicMs() - (fetchedAt.get(candle.symbol) ?? -Infinity) >= HISTORY_INTERVAL_MS;
  }

  async function signalOf(candle: Candle): Promise<Signal | null> {
    if (!candle.closed) return null;
    if (needsHistory(candle)) await learn(candle.symbol);
    return fold.take(candle) ?? known.get(signalIdOf(candle.symbol, closeTimeOf(candle))) ?? null;
  }

  async function takeAll(records: readonly BusRecord[]): Promise<void> {
    const batch = decodeBatch(records);
    const signals: Signal[] = [];
    for (const { candle } of batch.candles) {
      const signal = await signalOf(candle);
      if (signal && signal.time >= oldest()) signals.push(signal);
    }
    await refusals.report(batch.bad);
    await outlet.publish(signals);
    for (const [id, signal] of known) if (signal.time < oldest()) known.delete(id);
    worldTime = laterOf(worldTime, batch.newest);
  }

  async function commit(member: GroupMember, records: readonly BusRecord[]): Promise<void> {
    const next = new Map(records.map(({ partition, offset }) => [partition, offset + 1]));
    for (const [partition, offset] of next) positions.set(partition, offset);
    const stored = [...next].map(([partition, offset]) => ({ topic: TOPICS.marketData, partition, next: offset }));
    try {
      await retry.run('store positions', () => member.commit(stored));
    } catch (error) {
      if (!isPortError(error, 'FENCED')) throw error;
      log.info({}, 'another predictor has taken over some of the symbols');
    }
  }

  for (const symbol of config.SYMBOLS) await learn(symbol);
  const group = { groupId: predictorGroup(world), topics: [TOPICS.marketData], fallback: 'earliest' } as const;
  const member = await retry.run('join the group', () => bus.join(group));

  return {
    async step() {
      const records = await pollPrices(retry, member);
      if (records.length === 0) return;
      await takeAll(records);
      await commit(member, records);
    },
    async lag() {
      const held = new Set(member.assignment().map(({ partition }) => partition));
      const ends = (await bus.offsets(TOPICS.marketData)).filter(({ partition }) => held.has(partition));
      return ends.reduce((sum, end) => sum + Math.max(0, end.next - (positions.get(end.partition) ?? end.next)), 0);
    },
    worldTime: () => worldTime,
    progress: () => fold.progress(),
    close: () => member.close(),
  };
}
