/** What buying every symbol once and holding it would have come to: what trading has to be better than. */
import type { Price } from '@kairos/schema';
import { ratioOf } from '@kairos/schema';

export interface Benchmark {
  /** Notes a symbol's newest price. */
  price(symbol: string, price: Price): void;
  /** Buys what has a price, in equal parts. */
  begin(): void;
  /** In percent, costs left out; null where nothing had a price at the beginning. */
  returnPercent(): number | null;
}

export function createBenchmark(): Benchmark {
  const newest = new Map<string, Price>();
  let bought: ReadonlyMap<string, Price> = new Map();
  return {
    price(symbol, price) {
      newest.set(symbol, price);
    },
    begin() {
      bought = new Map(newest);
    },
    returnPercent() {
      if (bought.size === 0) return null;
      let sum = 0;
      for (const [symbol, price] of bought) sum += ratioOf(((newest.get(symbol) ?? price) - price) * 100n, price) ?? 0;
      return sum / bought.size;
    },
  };
}
