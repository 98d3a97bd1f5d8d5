/** How far ahead of the trader's committed world time the feed is, per symbol. */
import type { Instant } from '@kairos/schema';
import type { CandleGroup, Position } from './source.js';

export interface Window {
  /** Whether every symbol of the group has room for one more candle. */
  hasRoom(group: CandleGroup): boolean;
  /** Counts a candle that is on the bus. Candles come in order of close time. */
  add(candle: Position): void;
  /** Forgets candles that the trader has committed. */
  settle(worldTime: Instant): void;
  /** The largest number of candles that any symbol is ahead. */
  ahead(): number;
}

export function createWindow(candlesMax: number): Window {
  const counts = new Map<string, number>();
  let queue: Position[] = [];
  let head = 0;
  return {
    hasRoom: (group) => group.candles.every(({ symbol }) => (counts.get(symbol) ?? 0) < candlesMax),
    add(candle) {
      queue.push(candle);
      counts.set(candle.symbol, (counts.get(candle.symbol) ?? 0) + 1);
    },
    settle(worldTime) {
      while (head < queue.length && queue[head]!.closeTime <= worldTime) {
        const { symbol } = queue[head]!;
        counts.set(symbol, counts.get(symbol)! - 1);
        head++;
      }
      if (head * 2 < queue.length) return;
      queue = queue.slice(head);
      head = 0;
    },
    ahead: () => Math.max(0, ...counts.values()),
  };
}
