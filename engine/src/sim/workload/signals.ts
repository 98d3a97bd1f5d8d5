/** Signals of third parties: good, repeated, late, ahead of time, in conflict, without id or time. */
import type { Instant } from '@kairos/schema';
import { DAY_MS, parsePrice, TOPICS } from '@kairos/schema';
import type { Draw } from '../draw.js';
import type { Market } from './market.js';
import type { Message, Publisher } from './publisher.js';

export interface SignalsDeps {
  readonly draw: Draw;
  readonly market: Market;
  readonly publisher: Publisher;
  readonly now: () => Instant;
  /** World time as far as it has been published; null = the clock's. */
  readonly worldTime: () => Instant | null;
  /** The world may leap while the clock does not: a signal stamped with the clock is a new one days of the world later. */
  readonly outlivesMemory: boolean;
  readonly symbols: readonly string[];
  readonly partitions: number;
}

export interface SignalSource {
  signal(): Promise<void>;
  /** One that was sent before, three times over. */
  repeat(): Promise<void>;
  /** Stale, invalid for its age, or too far ahead. */
  oldSignal(): Promise<void>;
  /** An id that was used within a day, with another content. */
  conflict(): Promise<void>;
  /** A used id with a new time, of a signal that opened nothing. */
  reusedId(): Promise<void>;
  /** Ids of BUY signals sent, with their symbols: what may have been opened. */
  readonly bought: readonly { readonly id: string; readonly symbol: string }[];
}

const AGES = [121_000, 600_000, DAY_MS + 1_000, -3_000, -6_000];

export function createSignalSource(deps: SignalsDeps): SignalSource {
  const { draw, market, publisher, now, worldTime, symbols } = deps;
  const sent: Message[] = [];
  const bought: { id: string; symbol: string }[] = [];
  let count = 0;

  const timeNow = (): number => (draw.chance(0.5) ? (worldTime() ?? now()) : now());

  const draft = (): Record<string, unknown> & { symbol: string } => ({
    v: 1,
    symbol: draw.chance(0.95) ? draw.pick(symbols) : 'DOGEUSDT',
    action: draw.pick(['BUY', 'BUY', 'BUY', 'SELL', 'SELL', 'HOLD']),
    confidence: draw.chance(0.8) ? draw.pick([0.75, 0.8, 0.99, 1]) : draw.pick([0, 0.5, 0.74]),
    time: timeNow(),
  });

  const send = async (value: Record<string, unknown> & { symbol: string }, id: string | undefined): Promise<void> => {
    const price = market.near(value.symbol, draw.chance(0.9) ? 0.002 : 0.4);
    const asNumber = draw.chance(0.2);
    const message: Message = {
      topic: TOPICS.signals,
      key: draw.chance(0.9) ? value.symbol : null,
      value: { ...value, ...(id === undefined ? {} : { id }), price: asNumber ? Number(price) : price },
      meaning: { kind: 'signal', ...(id === undefined ? {} : { id }), price: parsePrice(price) },
    };
    if (id !== undefined) sent.push(message);
    if (id !== undefined && value['action'] === 'BUY') bought.push({ id, symbol: value.symbol });
    await publisher.publish(message);
  };

  /** Without an id it is derived from symbol, time and action, or from where it stands. */
  const sendNameless = async (value: Record<string, unknown> & { symbol: string }): Promise<void> => {
    const derived = `${value.symbol}:${String(value['time'])}:${String(value['action'])}`;
    const price = market.near(value.symbol, 0.002);
    if (draw.chance(0.5)) {
      const meaning = { kind: 'signal' as const, id: derived, price: parsePrice(price) };
      await publisher.publish({ topic: TOPICS.signals, key: value.symbol, value: { ...value, price }, meaning });
      return;
    }
    const { time: _, ...timeless } = value;
    const meaning = { kind: 'signal' as const, price: parsePrice(price) };
    await publisher.publish({ topic: TOPICS.signals, key: value.symbol, value: { ...timeless, price }, meaning });
  };

  /** Those that opened nothing: ids of trades are made of those of signals, which are remembered for two days. */
  const harmless = (): readonly Message[] => sent.filter(({ meaning }) => !bought.some(({ id }) => id === meaning.id));

  const nextId = (): string => `s${(count += 1)}`;

  return {
    bought,
    async signal() {
      if (draw.chance(0.1)) await sendNameless(draft());
      else await send(draft(), nextId());
    },
    async repeat() {
      const known = deps.outlivesMemory ? harmless() : sent;
      if (known.length === 0) return;
      const message = draw.pick(known.slice(-8));
      for (let n = draw.int(1, 3); n > 0; n--) {
        const partition = draw.chance(0.3) ? draw.int(0, deps.partitions - 1) : undefined;
        await publisher.publish({ ...message, partition });
      }
    },
    async oldSignal() {
      await send({ ...draft(), time: timeNow() - draw.pick(AGES) }, nextId());
    },
    async conflict() {
      const last = sent.at(-1);
      const isRecent = timeNow() - Number((last?.value as { time?: number } | undefined)?.time ?? 0) < DAY_MS;
      const used = isRecent ? last?.meaning.id : undefined;
      await send({ ...draft(), confidence: 0.9123 }, used ?? nextId());
    },
    async reusedId() {
      const known = harmless();
      if (known.length === 0) return;
      const message = draw.pick(known);
      await publisher.publish({ ...message, value: { ...(message.value as object), time: timeNow() } });
    },
  };
}
