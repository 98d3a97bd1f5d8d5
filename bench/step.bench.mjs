/**
 * The core: what a price costs that concerns nobody and what it allocates, what one signal costs for 1,000 accounts, and
 * whether a decision costs more where a shard holds more accounts.
 */
import { amountFor, costOf, feeOn, levelAbove, levelBelow, spendOf } from '../schema/dist/index.js';
import { median, timed } from './measure.mjs';
import { engineWith, ENTRY, PLAIN, prices, signals, START, takeWhole, WITH_LEVELS } from './step-world.mjs';

const NS_PER_PRICE_MAX = 100;
const BYTES_PER_PRICE_MAX = 1;
const MS_PER_SIGNAL_MAX = 2;
/** A busy machine takes longer for everything: beside what a bare loop takes it shows what is ours. */
const PRICE_BARE_RATIO_MAX = 10;
/** Beside the arithmetic of as many entries, without accounts, rules, events and books. */
const SIGNAL_BARE_RATIO_MAX = 12;
/** What a decision may cost with 1,000 accounts beside what it costs with one. */
const CROWD_RATIO_MAX = 1.5;

const PRICES = 20_000;
const ACCOUNTS = 1_000;
const CROWDS = [1, 10, 100, ACCOUNTS];
const DECISIONS_PER_PASS = 2_000;
/** Each figure is the median of so many rounds, and a round the fastest of its passes: others on the machine only add. */
const ROUNDS = 7;
const PASSES = 30;

const measured = (pass) => median(ROUNDS, () => Math.min(...Array.from({ length: PASSES }, pass)));

let at = START;
function loop(engine) {
  for (let i = 0; i < PRICES; i++) {
    const input = prices[i % prices.length];
    at += 1;
    input.candle.at = at;
    if (engine) engine.step(input);
  }
}

const nsPerPrice = (engine) => measured(() => timed(() => loop(engine)) * 1e6) / PRICES;

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

/** Microseconds per decision, of a BUY and a SELL in the mean: every account decides each, as often as makes a pass. */
function usPerDecision(accounts, settings) {
  const engine = engineWith(accounts, { settings });
  const next = signals();
  const trips = Math.ceil(DECISIONS_PER_PASS / accounts / 2);
  const take = () => {
    if (takeWhole(engine, next()) !== accounts) throw new Error('expected one decision per account');
  };
  const pass = () => {
    const ms = [0, 0];
    for (let trip = 0; trip < trips; trip++) for (const side of [0, 1]) ms[side] += timed(take);
    return ms.map((spent) => (spent * 1e3) / (trips * accounts));
  };
  return median(ROUNDS, () => {
    const passes = Array.from({ length: PASSES }, pass);
    const fastest = (side) => Math.min(...passes.map((us) => us[side]));
    return (fastest(0) + fastest(1)) / 2;
  });
}

/** Microseconds that the figures of one entry with its levels take alone. */
function usPerEntryAlone() {
  let sum = 0n;
  const pass = () => {
    for (let i = 0; i < DECISIONS_PER_PASS; i++) {
      const cash = (5_000n + 13n * BigInt(i)) * 10n ** 8n;
      const amount = amountFor(spendOf(cash, WITH_LEVELS.riskPerTrade, WITH_LEVELS.commission), ENTRY);
      const cost = costOf(amount, ENTRY);
      sum += cost + feeOn(cost, WITH_LEVELS.commission);
      sum += levelBelow(ENTRY, WITH_LEVELS.stopLoss) + levelAbove(ENTRY, WITH_LEVELS.takeProfit);
    }
  };
  const us = (measured(() => timed(pass)) * 1e3) / DECISIONS_PER_PASS;
  if (sum === 0n) throw new Error('expected figures');
  return us;
}

/** An engine whose accounts all hold the symbol, at a price that was taken. */
function holding(options) {
  const engine = engineWith(ACCOUNTS, options);
  loop(engine);
  const input = signals()();
  takeWhole(engine, { ...input, wall: at, signal: { ...input.signal, time: at } });
  return engine;
}

let failed = false;
function show(what, figure, { most, unit = '' }) {
  const isBroken = most !== undefined && figure > most;
  failed ||= isBroken;
  const promise = most === undefined ? '' : ` (at most ${most}${isBroken ? ': BROKEN' : ''})`;
  console.log(`${what}: ${figure.toFixed(2)}${unit}${promise}`);
}

const bareNs = nsPerPrice(null);
show('a bare loop over prices', bareNs, { unit: ' ns' });
const subjects = {
  'a price that nobody holds': engineWith(1),
  'the same in a lock-step world': engineWith(1, { world: 'SIMULATOR' }),
  [`a price that ${ACCOUNTS} accounts hold, which reaches nobody's level`]: holding({ settings: WITH_LEVELS }),
  'the same in a lock-step world, held': holding({ settings: WITH_LEVELS, world: 'SIMULATOR' }),
};
for (const [what, engine] of Object.entries(subjects)) {
  const ns = nsPerPrice(engine);
  show(what, ns, { unit: ' ns', most: NS_PER_PRICE_MAX });
  show('  as a multiple of the bare loop', ns / bareNs, { most: PRICE_BARE_RATIO_MAX });
  show('  bytes allocated', bytesPerPrice(engine), { most: BYTES_PER_PRICE_MAX });
}

const aloneUs = usPerEntryAlone();
show("an entry's arithmetic alone", aloneUs, { unit: ' us' });
for (const [kind, settings] of Object.entries({ 'without levels': PLAIN, 'with stop and target': WITH_LEVELS })) {
  const us = usPerDecision(ACCOUNTS, settings);
  show(`one signal for ${ACCOUNTS} accounts ${kind}`, (us * ACCOUNTS) / 1e3, { unit: ' ms', most: MS_PER_SIGNAL_MAX });
  show('  as a multiple of the arithmetic alone', us / aloneUs, { most: SIGNAL_BARE_RATIO_MAX });
}

const crowdUs = CROWDS.map((accounts) => usPerDecision(accounts, WITH_LEVELS));
CROWDS.forEach((accounts, i) => show(`a decision where a shard holds ${accounts}`, crowdUs[i], { unit: ' us' }));
show(`  with ${ACCOUNTS} accounts as a multiple of with 1`, crowdUs.at(-1) / crowdUs[0], { most: CROWD_RATIO_MAX });
process.exit(failed ? 1 : 0);
