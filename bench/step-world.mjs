/** What the core is fed in `step.bench.mjs`: accounts that differ, prices, signals a minute apart. */
import { createEngine } from '../engine/dist/core/engine.js';
import { emptyState } from '../engine/dist/core/state.js';

export const SYMBOL = 'BTCUSDT';
export const START = 1_722_513_600_000;
const MINUTE_MS = 60_000;

const scaled = (text, decimals) => BigInt(Math.round(Number(text) * 100)) * 10n ** BigInt(decimals - 2);
export const ENTRY = scaled('68234.12', 12);
/** Round trips win and lose in turn, so that cash stays what it was after any number of them. */
const EXITS = [scaled('68643.52', 12), scaled('68097.65', 12)];
const rate = (text) => BigInt(Math.round(Number(text) * 1e8));

export const PLAIN = {
  symbols: [SYMBOL, 'ETHUSDT'],
  minConfidence: 0.75,
  riskPerTrade: rate('0.5'),
  commission: rate('0.001'),
  slippage: 0n,
  maxOpenPositions: 10,
  stopLoss: null,
  takeProfit: null,
  trailingStop: null,
  cooldownSeconds: 0,
  dailyLossLimit: null,
  maxDrawdown: null,
};
/** With levels: as far away as they go, so that the prices of the benchmark reach none. */
export const WITH_LEVELS = { ...PLAIN, stopLoss: rate('0.5'), takeProfit: rate('0.5') };

const rulesWith = (defaultSettings) => ({
  signalAgeMaxMs: 120_000,
  priceBand: rate('0.2'),
  commandAgeMaxMs: 300_000,
  requiresSignature: false,
  ownsAccount: () => true,
  defaultSettings,
});

/** Accounts whose cash differs: no two of them trade the same amount. */
export function engineWith(accounts, { settings = PLAIN, world = 'EXCHANGE:binance' } = {}) {
  const engine = createEngine(emptyState(world), rulesWith(settings));
  for (let i = 0; i < accounts; i++) {
    const initialBalance = (5_000n + 13n * BigInt(i)) * 10n ** 8n;
    const account = { name: 'bench', mode: 'PAPER', initialBalance, userId: 'bench' };
    const command = { id: `open-${i}`, action: 'OPEN_ACCOUNT', accountId: `account-${i}`, account, time: START };
    const rest = { tradeId: null, settings: null, issuedBy: null, reason: null, signature: null };
    engine.step({ kind: 'command', isSigned: true, wall: START, command: { ...command, ...rest } });
  }
  engine.takeChanges();
  return engine;
}

/** BUY and SELL in turn, a minute apart: each is decided by every account. */
export function signals() {
  let count = 0;
  return () => {
    const isBuy = count % 2 === 0;
    count += 1;
    const time = START + count * MINUTE_MS;
    const signal = {
      id: `signal-${count}`,
      symbol: SYMBOL,
      action: isBuy ? 'BUY' : 'SELL',
      confidence: 0.8,
      price: isBuy ? ENTRY : EXITS[(count / 2) % 2],
      time,
      source: 'bench',
      horizonSeconds: null,
      votes: null,
    };
    return { kind: 'signal', wall: time, signal };
  };
}

/** The same input again until all of it is taken, as the shell does after each commit; how many events came of it. */
export function takeWhole(engine, input) {
  let events = 0;
  for (let isPartial = true; isPartial;) {
    const result = engine.step(input);
    events += result.events.length;
    isPartial = result.isPartial;
    engine.takeChanges();
  }
  return events;
}

/** Closed candles that all differ a little; the loop that takes them sets when they close. */
export const prices = Array.from({ length: 1_000 }, (_, i) => ({
  kind: 'price',
  wall: START,
  candle: {
    symbol: SYMBOL,
    interval: '1m',
    time: START + i,
    open: ENTRY,
    high: ENTRY,
    low: ENTRY,
    close: ENTRY - BigInt(i),
    volume: 1n,
    closed: true,
    at: START + i,
    source: 'bench',
    last: true,
  },
}));
