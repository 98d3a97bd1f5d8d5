/** Prices that wander, as texts: nothing but what a feed would send. */
import type { Draw } from '../draw.js';

export interface Market {
  /** The newest price of a symbol. */
  price(symbol: string): string;
  /** Moves it and tells where to. */
  move(symbol: string): string;
  /** A price near the newest, or far from it. */
  near(symbol: string, share: number): string;
}

const START: Readonly<Record<string, number>> = { BTCUSDT: 60_000, ETHUSDT: 2_500, SOLUSDT: 0.5123 };

export function createMarket(draw: Draw, swing: number): Market {
  const prices = new Map<string, number>();
  const of = (symbol: string): number => prices.get(symbol) ?? START[symbol] ?? 10;
  const text = (price: number): string => Math.max(price, 0.000001).toFixed(6);

  return {
    price: (symbol) => text(of(symbol)),
    move(symbol) {
      const moved = of(symbol) * (1 + (draw.random() * 2 - 1) * swing);
      prices.set(symbol, moved);
      return text(moved);
    },
    near: (symbol, share) => text(of(symbol) * (1 + (draw.random() * 2 - 1) * share)),
  };
}
