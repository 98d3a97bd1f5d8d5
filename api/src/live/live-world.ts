/**
 * What is happening now in one world, for subscriptions and for the figures of queries.
 *
 * Each subject (an account's PnL, an account's facts, prices, ...) has ONE source, however many subscribe to it. Every
 * stream is pulled by its subscriber and bounded: state keeps only what is newest, facts end with CONFLICT when a
 * subscriber falls further behind than its queue is long.
 */
import type { AccountView, Bus, BusRecord, Clock, Log, Service, Store, StoredSignal } from '@kairos/ports';
import type { Config, Instant, Interval, KnownPrice, MarketCandle, Topic, TradingEvent, World } from '@kairos/schema';
import { decodeMarketData, decodeSignal, decodeTradingEvent, isLockStep, TOPICS } from '@kairos/schema';
import { createCandleSources } from './candle-sources.js';
import type { Stream } from './channel.js';
import { createCommandSources } from './command-source.js';
import type { CommandView } from './command-view.js';
import { createCommitted } from './committed.js';
import { createDeadLetterWriter } from './dead-letters.js';
import { createFacts } from './facts.js';
import type { PnlState } from './pnl-state.js';
import { createPnlSources } from './pnl-state.js';
import type { PriceState } from './price-state.js';
import { createSignalSource } from './signal-source.js';
import type { SystemState } from './system-state.js';
import { createSystemWatch } from './system-watch.js';
import { createTail } from './tail.js';
import { createWatchedAccounts } from './watched-accounts.js';
import { within } from './within.js';
import { createWorldPrices } from './world-prices.js';

export type { Stream } from './channel.js';

export interface LiveWorld extends Service {
  /** World time now: the clock with an exchange, else the newest committed. */
  now(): Instant;
  /** Market prices heard on the bus that value positions before the trader commits them; empty in lock-step worlds. */
  marketPrices(): ReadonlyMap<string, KnownPrice>;
  /** Wall time at which a symbol's newest price became known; null while none has. */
  priceHeardAt(symbol: string): Instant | null;
  /** Accounts as they were last read: for stopping them while the store does not answer. */
  knownAccounts(): readonly AccountView[];
  /** How feed, predictor, trader, bus and store are. */
  system(): SystemState;

  /** Messages of the bus that were taken since the start, by topic. */
  recordsTaken(): ReadonlyMap<Topic, number>;
  /** At once, on change at most 4 times a second, and at least every 2 s. @throws NotFoundError */
  pnl(accountId: string): Promise<Stream<PnlState>>;
  /**
   * An account's events after `afterSeq` (null: from now on) in order of seq, without gap or repeat.
   * @throws ConflictError when more than 1,000 away, also later when the subscriber does not keep up.
   */
  facts(accountId: string, afterSeq: number | null): Promise<Stream<TradingEvent>>;
  /** Signals as they are published; null = of every symbol. */
  signals(symbols: readonly string[] | null): Stream<StoredSignal>;
  /** The newest price per symbol at once, then each change; null = every symbol. */
  prices(symbols: readonly string[] | null): Stream<PriceState>;
  candles(symbol: string, interval: Interval): Promise<Stream<MarketCandle>>;
  /** At once and with every step, until the status is final. @throws NotFoundError */
  command(id: string): Promise<Stream<CommandView>>;
  /** At once, on change and at least every 2 s. */
  systemStates(): Stream<SystemState>;
}

export interface LiveDeps {
  readonly bus: Bus;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
}

export interface LiveOptions {
  readonly world: World;
  readonly config: Config;
}

/** Records of `crypto.health` before its end that are read at the start. */
const HEALTH_REWIND = 50;
/** How long ending may take while store or bus hang. */
const STOP_LIMIT_MS = 4_000;

export function createLiveWorld(deps: LiveDeps, options: LiveOptions): LiveWorld {
  const { clock, log } = deps;
  const subjects = createSubjects(deps, options);
  const { committed, system, prices, pnl, facts, signals, candles, commands } = subjects;
  const parts = [committed, system, ...createReaders(deps, options, subjects)];
  let end = (): void => undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));

  return {
    async start() {
      await Promise.all(parts.map((part) => part.start()));
    },
    async stop() {
      prices.stop();
      const stopped = Promise.all(parts.map((part) => part.stop()));
      await within(clock, STOP_LIMIT_MS, stopped).catch((error: unknown) => {
        log.warn({ error }, 'Store or bus did not let go in time');
      });
      end();
    },
    ended,
    now: () => subjects.now(),
    marketPrices: () => prices.market(),
    priceHeardAt: (symbol) => prices.heardAt(symbol),
    knownAccounts: () => committed.knownAccounts(),
    system: () => system.state(),
    recordsTaken: () => subjects.recordsTaken,
    pnl: (accountId) => pnl.subscribe(accountId),
    facts: (accountId, afterSeq) => facts.subscribe(accountId, afterSeq),
    signals: (symbols) => signals.subscribe(symbols),
    prices: (symbols) => prices.subscribe(symbols),
    candles: (symbol, interval) => candles.subscribe(symbol, interval),
    command: (id) => commands.subscribe(id),
    systemStates: () => system.subscribe(),
  };
}

type Subjects = ReturnType<typeof createSubjects>;

/** What can be looked at, and what each commit means for it. */
function createSubjects(deps: LiveDeps, { world, config }: LiveOptions) {
  const { store, clock, log } = deps;
  const inLockStep = isLockStep(world);
  const prices = createWorldPrices(clock, { isLockStep: inLockStep });
  const accounts = createWatchedAccounts(store);
  const facts = createFacts({ store, clock, log, accounts });
  const signals = createSignalSource({ isLockStep: inLockStep });
  const candles = createCandleSources(store, clock);
  const commands = createCommandSources(store, world);
  const committed = createCommitted(deps, async (before, after) => {
    pnl.priceChanged(prices.commit(before, after));
    if (after.progress?.worldTime) signals.reached(after.progress.worldTime);
    system.look();
    await Promise.all([accounts.refresh(), commands.refresh(), inLockStep ? candles.refresh() : undefined]);
  });
  const now = (): Instant => (inLockStep ? committed.current().progress?.worldTime : null) ?? clock.now();
  const surroundings = { books: () => prices.books(), now, priceHeardAt: prices.heardAt };
  const pnl = createPnlSources({ clock, accounts, surroundings });
  const system = createSystemWatch({
    ...deps,
    world,
    config,
    progress: () => committed.current().progress,
    priceHeardAt: () => prices.newestHeardAt(),
  });
  const recordsTaken = new Map<Topic, number>();
  return { prices, facts, signals, candles, commands, committed, pnl, system, now, recordsTaken };
}

/** What is read from the bus. Prices of lock-step worlds are not: there those that were committed count. */
function createReaders(deps: LiveDeps, { world }: LiveOptions, subjects: Subjects) {
  const { prices, facts, signals, candles, pnl, system, now, recordsTaken } = subjects;

  const tail = (topic: Topic, take: (record: BusRecord) => void, rewind = 0) => {
    recordsTaken.set(topic, 0);
    return createTail(deps, { topics: [topic], rewind }, (record) => {
      recordsTaken.set(topic, (recordsTaken.get(topic) ?? 0) + 1);
      take(record);
    });
  };
  const takeMarketData = (record: BusRecord): void => {
    const decoded = decodeMarketData(record.value, record);
    if (!decoded.ok || decoded.value.kind !== 'candle') return;
    const { candle } = decoded.value;
    candles.offer(candle);
    if (prices.offer(candle, record.timestamp)) pnl.priceChanged([candle.symbol]);
  };
  const takeSignal = (record: BusRecord): void => {
    if (!signals.hasSubscribers) return;
    const decoded = decodeSignal(record.value, record);
    if (decoded.ok) signals.offer({ ...decoded.value, receivedAt: record.timestamp }, now());
  };
  const takeEvent = (record: BusRecord): void => {
    const decoded = decodeTradingEvent(record.value);
    if (decoded.ok) facts.offer(decoded.value);
  };
  return [
    tail(TOPICS.trades, takeEvent),
    tail(TOPICS.signals, takeSignal),
    tail(TOPICS.health, (record) => system.take(record), HEALTH_REWIND),
    ...(isLockStep(world) ? [] : [tail(TOPICS.marketData, takeMarketData)]),
    createDeadLetterWriter(deps, world),
  ];
}
