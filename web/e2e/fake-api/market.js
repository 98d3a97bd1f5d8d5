/** A made-up market: four symbols on a seeded random walk, one candle per second of wall time. */

export const SYMBOLS = [
  { symbol: 'BNBUSDT', base: 'BNB', quote: 'USDT', price: 588.4, priceDecimals: 2, amountDecimals: 3 },
  { symbol: 'BTCUSDT', base: 'BTC', quote: 'USDT', price: 68_234.12, priceDecimals: 2, amountDecimals: 5 },
  { symbol: 'ETHUSDT', base: 'ETH', quote: 'USDT', price: 3_471.85, priceDecimals: 2, amountDecimals: 4 },
  { symbol: 'SOLUSDT', base: 'SOL', quote: 'USDT', price: 171.33, priceDecimals: 2, amountDecimals: 3 },
];

/** A small seeded generator, 0 to below 1. */
export function createRandom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Prices by symbol; `step(volatility)` moves them all. */
export function createMarket(random) {
  const prices = new Map(SYMBOLS.map(({ symbol, price }) => [symbol, price]));
  const drifts = new Map(SYMBOLS.map(({ symbol }) => [symbol, 0]));
  return {
    priceOf: (symbol) => prices.get(symbol),
    step: (volatility) => {
      for (const { symbol } of SYMBOLS) {
        const drift = drifts.get(symbol) * 0.97 + (random() - 0.5) * volatility * 0.35;
        drifts.set(symbol, drift);
        prices.set(symbol, prices.get(symbol) * (1 + drift + (random() - 0.5) * volatility));
      }
    },
  };
}

/** Decimal text as the API writes it, from a float: good enough for a pretence. */
export const decimal = (value, decimals = 8) => {
  const text = value.toFixed(decimals).replace(/\.?0+$/, '');
  return text === '-0' ? '0' : text;
};
