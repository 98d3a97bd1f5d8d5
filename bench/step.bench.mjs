/** The core: what a price costs that concerns nobody, what it allocates, and what one signal costs for 1,000 accounts. */
import { createEngine } from '../engine/dist/core/engine.js';
import { emptyState } from '../engine/dist/core/state.js';
import { timed } from './measure.mjs';

const NS_PER_PRICE_MAX = 100;
const BYTES_PER_PRICE_MAX = 1;
const MS_PER_SIGNAL_MAX = 2;
/** A machine that is busy with something else takes longer for everything: what a bare loop takes says how much. */
const BARE_RATIO_MAX = 20;
const PRICES = 20_000;
const ACCOUNTS = 1_000;
const ROUNDS = 200;
const START = 1_722_513_600_000;
const price = 68_234n * 10n ** 12n;

const rate = (text) => BigInt(Math.round(Number(text) * 1e8));
const settings = {
  symbols: ['BTCUSDT'],
  minConfidence: 0.75,
  riskPerTrade: rate('0.5'),
  commission: rate('0.001'),
  slippage: 0n,
  maxOpenPositions: 10,
  stopLoss: rate('0.5'),
  takeProfit: rate('0.5'),
  trailingStop: null,
  cooldownSeconds: 0,
  dailyLossLimit: null,
  maxDrawdown: null,
};
const rules = {
  signalAgeMaxMs: 120_000,
  priceBand: rate('0.2'),
  commandAgeMaxMs: 300_000,
  requiresSignature: false,
  ownsAccount: () => true,
  defaultSettings: settings,
};

function engineWith(accounts) {
  const engine = createEngine(emptyState('EXCHANGE:binance'), rules);
  for (let i = 0; i < accounts; i++) {
    const account = { name: 'bench', mode: 'PAPER', initialBalance: 5_000n * 10n ** 8n, userId: 'bench' };
    const command = { id: `open-${i}`, action: 'OPEN_ACCOUNT', accountId: `account-${i}`, account, time: START };
    const rest = { tradeId: null, settings: null, issuedBy: null, reason: null, signature: null };
    engine.step({ kind: 'command', isSigned: true, wall: START, command: { ...command, ...rest } });
  }
  return engine;
}

const signalInput = (id, action) => ({
  kind: 'signal',
  wall: START,
  signal: {
    id,
    symbol: 'BTCUSDT',
    action,
    confidence: 0.8,
    price,
    time: START,
    source: 'bench',
    horizonSeconds: null,
    votes: null,
  },
});

/** The same input again until all of it is taken, as the shell does after each commit. */
function takeWhole(engine, input) {
  let events = 0;
  for (let isPartial = true; isPartial;) {
    const result = engine.step(input);
    events += result.events.length;
    isPartial = result.isPartial;
  }
  engine.takeChanges();
  return events;
}

const inputs = Array.from({ length: 1_000 }, (_, i) => ({
  kind: 'price',
  wall: START,
  candle: {
    symbol: 'BTCUSDT',
    interval: '1m',
    time: START + i,
    open: price,
    high: price,
    low: price,
    close: price - BigInt(i),
    volume: 1n,
    closed: true,
    at: START + i,
    source: 'bench',
    last: true,
  },
}));

let at = START;
function loop(engine) {
  for (let i = 0; i < PRICES; i++) {
    const input = inputs[i % inputs.length];
    at += 1;
    input.candle.at = at;
    if (engine) engine.step(input);
  }
}

/** The fastest of many rounds: what else the machine does only ever adds. */
function fastest(run) {
  let best = Infinity;
  for (let round = 0; round < ROUNDS; round++) best = Math.min(best, timed(run));
  return best;
}

const perPrice = (engine) => (fastest(() => loop(engine)) * 1e6) / PRICES;

/** Bytes that prices allocate beyond what the loop around them does. */
function bytesPerPrice(engine) {
  const allocated = (subject) => {
    let bytes = 0;
    let before = process.memoryUsage().heapUsed;
    for (let round = 0; round < 50; round++) {
      loop(subject);
      const after = process.memoryUsage().heapUsed;
      if (after > before) bytes += after - before;
      before = after;
    }
    return bytes / (50 * PRICES);
  };
  globalThis.gc();
  const alone = allocated(null);
  globalThis.gc();
  return allocated(engine) - alone;
}

/** The fastest round that opens a position in every account, after rounds that open and close them. */
function signalMs() {
  const engine = engineWith(ACCOUNTS);
  let best = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    const buy = signalInput(`buy-${round}`, 'BUY');
    best = Math.min(
      best,
      timed(() => {
        if (takeWhole(engine, buy) !== ACCOUNTS) throw new Error('expected one decision per account');
      }),
    );
    takeWhole(engine, signalInput(`sell-${round}`, 'SELL'));
  }
  return best;
}

const nobody = engineWith(1);
const holders = engineWith(ACCOUNTS);
loop(holders);
takeWhole(holders, { ...signalInput('held', 'BUY'), wall: START });
const bare = perPrice(null);
const figures = {
  [`a price that nobody holds: ns (bare loop ${bare.toFixed(1)})`]: [perPrice(nobody), NS_PER_PRICE_MAX],
  [`a price that ${ACCOUNTS} accounts hold and that reaches nobody's level: ns`]: [perPrice(holders), NS_PER_PRICE_MAX],
  'the same as a multiple of the bare loop': [perPrice(nobody) / bare, BARE_RATIO_MAX],
  'bytes that such a price allocates': [bytesPerPrice(nobody), BYTES_PER_PRICE_MAX],
  [`one signal for ${ACCOUNTS} accounts: ms`]: [signalMs(), MS_PER_SIGNAL_MAX],
};
let failed = false;
for (const [what, [found, most]] of Object.entries(figures)) {
  console.log(`${what}: ${found.toFixed(2)} (at most ${most})`);
  failed ||= found > most;
}
process.exit(failed ? 1 : 0);
