/**
 * Signal to durable decision on a real Kafka and a real MongoDB, beside the bare loop over the same servers in the same
 * run: kafkajs reads, one transaction has a small document per signal and the positions, then the offset is committed.
 * Needs Java, Maven and Python.
 */
import { createRequire } from 'node:module';
import { createTrader } from '../engine/dist/run/index.js';
import { createLockOwnership, openKafkaBus, openMongoStore, systemClock } from '../ports/dist/index.js';
import { createMemoryLocks } from '../ports/dist/testing.js';
import { encodeCommand, encodeSignal, parsePrice, readConfig, TOPICS } from '../schema/dist/index.js';
import { startKafka, startMongod } from '../scripts/servers/index.mjs';
import { percentile } from './measure.mjs';

const require = createRequire(new URL('../ports/package.json', import.meta.url));
const { Kafka, logLevel } = require('kafkajs');
const { MongoClient, Decimal128 } = require('mongodb');

const PARTITIONS = 4;
const SYMBOLS = ['BTCUSDT', 'ETHUSDT', 'BNBUSDT', 'SOLUSDT'];
const PACED_SIGNALS = 600;
/** The first of them warm up. */
const WARM_UP_SIGNALS = 100;
const PACE_MS = 20;
/** Signals from this number on show that a side has begun. */
const FIRST = 1_000_000_000;
const BACKLOG_SIGNALS = 30_000;
const ROUNDS = 3;
const WORLD = 'EXCHANGE:bench';

/** Ratios of ours to the bare loop's. */
const LATENCY_RATIO_MAX = 1.5;
/** What was asked of the rate out of a backlog, and what is kept: the whole event goes to journal, read models and bus. */
const RATE_RATIO_ASKED = 0.7;
const RATE_RATIO_MIN = { decided: 0.1, held: 0.15 };

const signalOf = (n, action) => ({
  id: `bench-${n}`,
  symbol: SYMBOLS[n % SYMBOLS.length],
  action,
  confidence: action === 'HOLD' ? 0 : 0.9,
  price: parsePrice('100'),
  time: systemClock.now(),
  source: 'bench',
  horizonSeconds: null,
  votes: null,
});

const record = (n, action) => {
  const signal = signalOf(n, action);
  return { key: signal.symbol, value: encodeSignal(signal) };
};

/** BUY and SELL of each symbol in turn: every signal is a trade opened or closed. */
const turnOf = (n) => (Math.floor(n / SYMBOLS.length) % 2 === 0 ? 'BUY' : 'SELL');

/** Sends signals one each 20 ms; when each was sent, by id. */
async function pace(bus, from) {
  const sentAt = new Map();
  const began = performance.now();
  for (let i = 0; i < PACED_SIGNALS; i++) {
    const wait = began + i * PACE_MS - performance.now();
    if (wait > 0) await systemClock.sleep(wait);
    const n = from + i;
    sentAt.set(`bench-${n}`, performance.now());
    void bus.publish(TOPICS.signals, [record(n, turnOf(n))]);
  }
  return sentAt;
}

async function fill(bus, { from, action }) {
  for (let i = 0; i < BACKLOG_SIGNALS; i += 1_000) {
    await bus.publish(
      TOPICS.signals,
      Array.from({ length: 1_000 }, (_, k) => record(from + i + k, action)),
    );
  }
}

/** Hears when each signal's decision is durable. */
function createListener() {
  const committedAt = new Map();
  let wake = () => undefined;
  return {
    committedAt,
    note(ids) {
      const now = performance.now();
      for (const id of ids) if (!committedAt.has(id)) committedAt.set(id, now);
      wake();
    },
    async until(count) {
      while (committedAt.size < count) await new Promise((resolve) => (wake = resolve));
    },
  };
}

const configOf = (name) =>
  readConfig({ FEED: 'binance', SYMBOLS: SYMBOLS.join(','), KAFKA_PARTITIONS: String(PARTITIONS), DATA_DIR: name });

const LOG = { debug() {}, info() {}, warn: console.warn, error: console.error, child: () => LOG };

/** The whole trader, with everything it writes. */
async function ours({ kafka, mongod }, name) {
  const deps = { clock: systemClock, log: LOG };
  const listener = createListener();
  const bus = await openKafkaBus(
    { brokers: [kafka.brokers], partitions: PARTITIONS, replication: 1, topicPrefix: `${name}.` },
    deps,
  );
  const store = await openMongoStore({ uri: mongod.uri, database: name, world: WORLD, shards: PARTITIONS }, deps);
  const heard = {
    ...store,
    journal: {
      ...store.journal,
      async append(entry, rows) {
        await store.journal.append(entry, rows);
        listener.note(entry.events.map(({ causedBy }) => causedBy));
        listener.note(entry.signals.map(({ id }) => id));
      },
    },
  };
  const locks = createMemoryLocks();
  const start = async () => {
    const ownership = createLockOwnership({ lock: locks.lock('trader'), clock: systemClock }, store.shards);
    const trader = createTrader(
      { bus, store: heard, ownership, ...deps },
      { config: configOf(name), world: WORLD, instance: name },
    );
    await trader.start();
    return () => trader.stop();
  };
  const open = {
    id: 'open',
    action: 'OPEN_ACCOUNT',
    accountId: 'bench',
    tradeId: null,
    settings: null,
    account: { name: 'bench', mode: 'PAPER', initialBalance: 500000000000n, userId: 'bench' },
    issuedBy: null,
    reason: null,
    time: systemClock.now(),
    signature: null,
  };
  await bus.publish(TOPICS.commands, [{ key: 'bench', value: encodeCommand(open) }]);
  const stop = await start();
  await listener.until(1);
  await stop();
  listener.committedAt.clear();
  return { bus, start, listener, close: () => Promise.all([bus.close(), store.close()]) };
}

/** kafkajs and the driver, and nothing else: each batch is one transaction of a decision each and the positions. */
async function bare({ kafka, mongod }, name) {
  const deps = { clock: systemClock, log: LOG };
  const listener = createListener();
  const bus = await openKafkaBus(
    { brokers: [kafka.brokers], partitions: PARTITIONS, replication: 1, topicPrefix: `${name}.` },
    deps,
  );
  const client = new MongoClient(mongod.uri, { writeConcern: { w: 'majority', journal: true } });
  const db = client.db(name);
  await db.createCollection('decisions');
  await db.createCollection('positions');
  const write = async ({ batch, resolveOffset, commitOffsetsIfNecessary, uncommittedOffsets }) => {
    for (let from = 0; from < batch.messages.length; from += 500) {
      const signals = batch.messages.slice(from, from + 500).map(({ value }) => JSON.parse(value.toString()));
      const decisions = signals.map(({ id, price, confidence }) => ({
        _id: id,
        accountId: 'bench',
        outcome: 'DENIED',
        price: Decimal128.fromString(String(price)),
        confidence,
        time: new Date(),
      }));
      const next = Number(batch.messages[from + signals.length - 1].offset) + 1;
      await client.withSession((session) =>
        session.withTransaction(async () => {
          await db.collection('decisions').insertMany(decisions, { session });
          const here = { _id: batch.partition };
          await db.collection('positions').updateOne(here, { $set: { next } }, { upsert: true, session });
        }),
      );
      listener.note(signals.map(({ id }) => id));
      resolveOffset(String(next - 1));
      await commitOffsetsIfNecessary(uncommittedOffsets());
    }
  };
  const start = async () => {
    const reader = new Kafka({ brokers: [kafka.brokers], logLevel: logLevel.NOTHING });
    const consumer = reader.consumer({ groupId: name, maxWaitTimeInMs: 100, minBytes: 1 });
    await consumer.subscribe({ topics: [`${name}.${TOPICS.signals}`], fromBeginning: true });
    const joined = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve));
    await consumer.run({ autoCommit: false, eachBatchAutoResolve: false, eachBatch: write });
    await joined;
    return () => consumer.disconnect();
  };
  return { bus, start, listener, close: () => Promise.all([bus.close(), client.close()]) };
}

/** p50 and p99 of sent to committed, in ms, once it has begun to read. */
async function latency(side, from) {
  side.listener.committedAt.clear();
  const stop = await side.start();
  await side.bus.publish(TOPICS.signals, [record(FIRST + from, 'SELL')]);
  await side.listener.until(1);
  side.listener.committedAt.clear();
  const sentAt = await pace(side.bus, from);
  await side.listener.until(PACED_SIGNALS);
  await stop();
  const waits = [...sentAt].slice(WARM_UP_SIGNALS).map(([id, at]) => side.listener.committedAt.get(id) - at);
  return { p50: percentile(waits, 50), p99: percentile(waits, 99) };
}

/** Signals a second out of a backlog, from the first commit to the last. */
async function rate(side, backlog) {
  side.listener.committedAt.clear();
  await fill(side.bus, backlog);
  const stop = await side.start();
  await side.listener.until(BACKLOG_SIGNALS);
  await stop();
  const times = [...side.listener.committedAt.values()];
  const [first, last] = [times[0], times.at(-1)];
  const inFirst = times.filter((time) => time === first).length;
  return ((BACKLOG_SIGNALS - inFirst) / (last - first)) * 1_000;
}

const middle = (figures) => [...figures].sort((a, b) => a - b)[Math.floor(figures.length / 2)];

/** A SELL without a position is denied: each of these signals comes to an event. A HOLD comes to none. */
const BACKLOGS = { decided: 'SELL', held: 'HOLD' };

async function measure(side, from) {
  const figures = await latency(side, from);
  let next = from + PACED_SIGNALS;
  for (const [name, action] of Object.entries(BACKLOGS)) {
    figures[name] = await rate(side, { from: next, action });
    next += BACKLOG_SIGNALS;
  }
  return { figures, next };
}

const inWords = ({ p50, p99, decided, held }) =>
  `p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, ${decided.toFixed(0)}/s decided, ${held.toFixed(0)}/s held`;

/** The promises: their figures, and whether each is kept. */
function verdicts(bare, kairos) {
  const ratioOf = (name) => middle(kairos.map((round) => round[name])) / middle(bare.map((round) => round[name]));
  const times = ['p50', 'p99'].map((name) => {
    const ratio = ratioOf(name);
    return {
      text: `${name}: ${ratio.toFixed(2)} times the bare loop's (at most ${LATENCY_RATIO_MAX})`,
      isKept: ratio <= LATENCY_RATIO_MAX,
    };
  });
  const rates = Object.entries(RATE_RATIO_MIN).map(([name, least]) => {
    const ratio = ratioOf(name);
    const text = `signals ${name}: ${ratio.toFixed(2)} of the bare loop's rate (at least ${least}; asked: ${RATE_RATIO_ASKED})`;
    return { text, isKept: ratio >= least };
  });
  return [...times, ...rates];
}

const [kafka, mongod] = await Promise.all([startKafka({ say: console.log }), startMongod({ say: console.log })]);
try {
  const sides = { 'bare loop': await bare({ kafka, mongod }, 'bare'), Kairos: await ours({ kafka, mongod }, 'kairos') };
  const rounds = { 'bare loop': [], Kairos: [] };
  let from = 0;
  for (let round = 0; round <= ROUNDS; round++) {
    let next = from;
    for (const [name, side] of Object.entries(sides)) {
      const measured = await measure(side, from);
      next = measured.next;
      if (round > 0) rounds[name].push(measured.figures);
      console.log(`${name}, ${round > 0 ? `round ${round}` : 'warming up'}: ${inWords(measured.figures)}`);
    }
    from = next;
  }
  for (const { text, isKept } of verdicts(rounds['bare loop'], rounds['Kairos'])) {
    console.log(`${text}${isKept ? '' : ': NOT KEPT'}`);
    if (!isKept) process.exitCode = 1;
  }
  for (const side of Object.values(sides)) await side.close();
} finally {
  await Promise.all([kafka.stop(), mongod.stop()]);
}
