/** For every rule a world in which it is broken on purpose: a checker that does not see its canary sees nothing. */
import type { Bus, BusRecord, JournalEntry, OutgoingRecord, Store } from '@kairos/ports';
import type { Instant, Topic, Trade, TradingEvent } from '@kairos/schema';
import { TOPICS } from '@kairos/schema';
import type { Engine, StateChanges, StepResult } from '../core/engine.js';
import type { Input } from '../core/input.js';
import type { Sabotage } from './harness/sabotage.js';
import type { RuleName } from './rules.js';

type Changed = (event: TradingEvent) => TradingEvent;

/** The events of a core, each as it is changed. Made anew for every core, so that it can remember. */
const events = (create: () => Changed): Sabotage => ({
  engine(engine) {
    const change = create();
    return steps(engine, (input) => {
      const result = engine.step(input);
      return { ...result, events: result.events.map(change) };
    });
  },
});

const steps = (engine: Engine, step: (input: Input) => StepResult): Engine => ({ ...engine, step });

const inputs = (change: (input: Input) => Input): Sabotage => ({
  engine: (engine) => steps(engine, (input) => engine.step(change(input))),
});

const changes = (change: (changes: StateChanges) => StateChanges): Sabotage => ({
  engine: (engine) => ({ ...engine, takeChanges: () => change(engine.takeChanges()) }),
});

const publishing = (
  change: (topic: Topic, records: readonly OutgoingRecord[]) => readonly OutgoingRecord[],
): Sabotage => ({
  bus: (bus) => ({
    ...bus,
    async publish(topic, records) {
      const left = change(topic, records);
      await bus.publish(topic, left);
      return records.map(() => ({ topic, partition: 0, offset: 0 }));
    },
  }),
});

const reading = (isLost: (record: BusRecord) => boolean): Sabotage => ({
  bus: (bus: Bus) => ({
    ...bus,
    async read(options) {
      const reader = await bus.read(options);
      return {
        ...reader,
        poll: async (recordsMax, waitMs) => (await reader.poll(recordsMax, waitMs)).filter((record) => !isLost(record)),
      };
    },
  }),
});

const journal = (change: (journal: Store['journal']) => Partial<Store['journal']>): Sabotage => ({
  store: (store) => ({ ...store, journal: { ...store.journal, ...change(store.journal) } }),
});

/** Entries as they leave: changed in place, once each, so that they stay those that were made. */
const entries = (change: (entry: JournalEntry) => Partial<JournalEntry>): Sabotage => {
  const known = new WeakSet<JournalEntry>();
  return journal((own) => ({
    append(entry, rows) {
      if (!known.has(entry)) Object.assign(entry, change(entry));
      known.add(entry);
      return own.append(entry, rows);
    },
  }));
};

const textOf = ({ value }: OutgoingRecord): string => Buffer.from(value).toString();
const never = new Promise<never>(() => undefined);
const is =
  (type: TradingEvent['type'], change: Changed): (() => Changed) =>
  () =>
  (event) =>
    event.type === type ? change(event) : event;

/** Events that tell of a trade in place of what was decided. */
function tellingTrades(when: (event: TradingEvent) => boolean, build: (trade: Trade, event: TradingEvent) => Trade) {
  return (): Changed => {
    let last: Trade | null = null;
    return (event) => {
      if (event.trade) last = event.trade;
      if (!last || last.accountId !== event.accountId || !when(event)) return event;
      const trade = build(last, event);
      return { ...event, type: trade.status === 'OPEN' ? 'TRADE_OPENED' : 'TRADE_CLOSED', trade };
    };
  };
}

const denied =
  (reason: string) =>
  ({ decision }: TradingEvent): boolean =>
    decision?.reason === reason;

const opened = (trade: Trade, { causedBy }: TradingEvent): Trade => ({
  ...trade,
  status: 'OPEN',
  id: `${trade.accountId}:${trade.symbol}:${causedBy}`,
  entrySignalId: causedBy,
});

/** A command that comes again is obeyed again. */
const obeyingTwice: Sabotage = {
  engine(engine) {
    const seen = new Set<string>();
    return steps(engine, (input) => {
      if (input.kind !== 'command') return engine.step(input);
      const { id, accountId } = input.command;
      const name = `${id}>${accountId}`;
      const isAgain = seen.has(name);
      seen.add(name);
      if (!isAgain) return engine.step(input);
      const result = engine.step({ ...input, command: { ...input.command, id: `${id}-again` } });
      return { ...result, events: result.events.map((event) => ({ ...event, causedBy: id })) };
    });
  },
};

const signedByAll: Sabotage = inputs((input) => (input.kind === 'command' ? { ...input, isSigned: true } : input));

const sureOfAll: Sabotage = inputs((input) =>
  input.kind === 'signal' ? { ...input, signal: { ...input.signal, confidence: 1 } } : input,
);

const closingNothing: Sabotage = {
  engine: (engine) => ({
    ...engine,
    closingsDueAt: () => null,
  }),
};

const decidingTwice = (): Changed => {
  let before: string | null = null;
  return (event) => {
    if (event.type !== 'SIGNAL_DECIDED') return event;
    const causedBy = before ?? event.causedBy;
    before = event.causedBy;
    return { ...event, causedBy };
  };
};

export const CANARIES: Readonly<Record<RuleName, Sabotage>> = {
  'entries-in-order': { heard: (entry) => (entry.entry === 3 ? { ...entry, entry: 4 } : entry) },
  'epochs-forward': { heard: (entry) => (entry.epoch > 1 ? { ...entry, epoch: 1 } : entry) },
  'positions-forward': {
    heard: (entry) =>
      entry.entry < 3 ? entry : { ...entry, positions: { ...entry.positions, 'crypto.commands:0': 0 } },
  },
  'entry-is-steps': entries(({ events: all }) => ({ events: all.slice(0, -1) })),
  marks: changes(({ marks, ...rest }) => ({
    ...rest,
    marks: marks.map((mark) => ({
      ...mark,
      dayOpeningEquity: (mark.dayOpeningEquity + 1n) as typeof mark.dayOpeningEquity,
    })),
  })),
  prices: changes((all) => ({ ...all, prices: [] })),
  'inputs-once': reading(({ topic, offset }) => topic === TOPICS.signals && offset % 5 === 3),
  'letters-of-entry': entries(() => ({ deadLetters: [] })),
  'seq-in-order': events(is('SIGNAL_DECIDED', (event) => ({ ...event, seq: event.seq + 1 }))),
  ids: events(is('SIGNAL_DECIDED', (event) => ({ ...event, id: `${event.id}0` }))),
  'time-forward': events(is('SIGNAL_DECIDED', (event) => ({ ...event, time: 0 as typeof event.time }))),
  'no-entry-while-halted': events(tellingTrades(denied('TRADING_STOPPED'), opened)),
  'stopping-first': events(
    is('TRADE_CLOSED', (event) => ({ ...event, trade: event.trade && { ...event.trade, exitReason: 'PANIC' } })),
  ),
  'flat-when-stopped': events(is('TRADING_PAUSED', (event) => ({ ...event, type: 'TRADING_STOPPED' }))),
  'one-position': events(tellingTrades(denied('ALREADY_IN_POSITION'), opened)),
  'one-closing': events(tellingTrades(denied('NO_POSITION'), (trade) => ({ ...trade, status: 'CLOSED' }))),
  'cash-identity': events(
    is('TRADE_OPENED', (event) => ({
      ...event,
      account: { ...event.account, cash: (event.account.cash + 1n) as typeof event.account.cash },
    })),
  ),
  'one-decision': events(decidingTwice),
  'obeyed-once': obeyingTwice,
  'forged-without-effect': signedByAll,
  validity: {
    engine: (engine) => steps(engine, (input) => ({ ...engine.step(input), invalid: null })),
  },
  course: sureOfAll,
  decision: events(
    is('SIGNAL_DECIDED', (event) => ({
      ...event,
      decision: event.decision && { ...event.decision, reason: 'COOLDOWN' },
    })),
  ),
  figures: events(
    is('TRADE_OPENED', (event) => ({
      ...event,
      trade: event.trade && { ...event.trade, amount: (event.trade.amount + 1n) as Trade['amount'] },
    })),
  ),
  account: events(() => (event) => ({
    ...event,
    account: { ...event.account, feesPaid: (event.account.feesPaid + 1n) as typeof event.account.feesPaid },
  })),
  'price-source': events(is('TRADE_CLOSED', (event) => ({ ...event, priceAgeMs: 7 }))),
  'published-committed': publishing((topic, records) =>
    topic === TOPICS.trades
      ? records.map((record) => ({ ...record, value: Buffer.from(`${textOf(record)} `) }))
      : records,
  ),
  'published-in-order': publishing((topic, records) =>
    topic === TOPICS.trades ? records.filter((record) => !textOf(record).includes('"seq":2,')) : records,
  ),
  'letters-once': publishing((topic, records) => (topic === TOPICS.deadLetter ? [...records, ...records] : records)),
  'read-models': {
    answers: (store) => ({ ...store, readModels: { ...store.readModels, countDecisions: () => Promise.resolve(-1) } }),
  },
  recovered: journal((own) => ({
    read: async (shard, after, limit) =>
      (await own.read(shard, after, limit)).map((entry) => ({
        ...entry,
        marks: entry.marks.map((mark) => ({ ...mark, peakEquity: (mark.peakEquity + 1n) as typeof mark.peakEquity })),
      })),
  })),
  'all-taken': {
    bus: (bus) => ({
      ...bus,
      read: (options) => (options.from.some(({ topic }) => topic === TOPICS.commands) ? never : bus.read(options)),
    }),
  },
  'stored-obeyed': {
    store: (store) => ({
      ...store,
      app: { ...store.app, commands: { ...store.app.commands, waiting: () => Promise.resolve([]) } },
    }),
  },
  'flat-after-panic': closingNothing,
  'all-published': publishing((topic, records) =>
    topic === TOPICS.trades ? records.filter((record) => !textOf(record).includes('TRADING_STOPPED')) : records,
  ),
  'letters-published': publishing((topic, records) => (topic === TOPICS.deadLetter ? [] : records)),
  spins: { engine: (engine) => ({ ...engine, closingsDueAt: () => 0 as Instant }) },
  // A slow store holds no end up, who leaves the group has to be heard out.
  ends: {
    bus: (bus) => ({ ...bus, join: async (options) => ({ ...(await bus.join(options)), close: () => never }) }),
  },
  'begins-again': journal((own) => ({
    snapshot: async (shard) => (await own.snapshot(shard)) && never,
  })),
  alive: {
    engine: (engine) =>
      steps(engine, (input) => {
        if (input.kind === 'signal') throw new Error('a core that falls over');
        return engine.step(input);
      }),
  },
  crash: {
    heard(entry) {
      if (entry.entry > 2) throw new TypeError('a checker that falls over');
      return entry;
    },
  },
};
