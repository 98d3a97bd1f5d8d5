/** A small world for tests: prices, signals and commands in, events out; every step's books are checked by the core. */
import type { AccountSettings, Command, Instant, Signal, SignalAction, TradingEvent, World } from '@kairos/schema';
import { parseAmount, parseInstant, parseMoney, parsePrice, parseRate, parseSettingsPatch } from '@kairos/schema';
import type { Engine, StepResult } from './engine.js';
import { createEngine } from './engine.js';
import type { InputOf } from './input.js';
import type { TradingRules } from './rules.js';
import type { EngineState } from './state.js';
import { emptyState } from './state.js';

export const START = parseInstant('2024-08-01T12:00:00Z');
export const SYMBOL = 'BTCUSDT';

export const SETTINGS: AccountSettings = {
  symbols: ['BTCUSDT', 'ETHUSDT', 'ADAUSDT'],
  minConfidence: 0.75,
  riskPerTrade: parseRate('0.5'),
  commission: parseRate('0.001'),
  slippage: parseRate('0'),
  maxOpenPositions: 10,
  stopLoss: null,
  takeProfit: null,
  trailingStop: null,
  cooldownSeconds: 0,
  dailyLossLimit: null,
  maxDrawdown: null,
};

export const RULES: TradingRules = {
  signalAgeMaxMs: 120_000,
  priceBand: parseRate('0.2'),
  commandAgeMaxMs: 300_000,
  requiresSignature: false,
  ownsAccount: () => true,
  defaultSettings: SETTINGS,
};

/** What a command of these tests says unless they say otherwise. */
export const COMMAND: Omit<Command, 'id' | 'action' | 'time'> = {
  accountId: null,
  tradeId: null,
  settings: null,
  account: null,
  issuedBy: 'alice',
  reason: null,
  signature: null,
};

interface SignalDraft {
  readonly action?: SignalAction;
  readonly price?: string;
  readonly confidence?: number;
  readonly symbol?: string;
  /** Seconds before now; negative = ahead. */
  readonly age?: number;
  readonly id?: string;
  readonly source?: string;
}

export interface ScenarioOptions {
  readonly settings?: Record<string, unknown>;
  readonly rules?: Partial<TradingRules>;
  readonly world?: World;
  readonly balance?: string;
  readonly state?: EngineState;
}

/** One closed candle of a minute, at one price, taken now. */
export function priceInput(
  price: string,
  { now, at = now, symbol = SYMBOL }: { now: Instant; at?: Instant; symbol?: string },
): InputOf<'price'> {
  const value = parsePrice(price);
  const candle = {
    symbol,
    interval: '1m' as const,
    time: (at - 60_000) as Instant,
    open: value,
    high: value,
    low: value,
    close: value,
    volume: parseAmount('1'),
    closed: true,
    at,
    source: 'test',
    last: true,
  };
  return { kind: 'price', wall: now, candle };
}

export type Scenario = ReturnType<typeof scenario>;

/** A world with one account `main` of 5,000, unless told otherwise. Time moves only by `wait`. */
export function scenario(options: ScenarioOptions = {}) {
  const state = options.state ?? emptyState(options.world ?? 'EXCHANGE:binance');
  const engine: Engine = createEngine(state, { ...RULES, ...options.rules });
  let now: Instant = START;
  let counter = 0;

  /** Like the shell: closings follow once everything before has been committed. */
  const run = (result: StepResult): readonly TradingEvent[] => {
    const events = [...result.events];
    for (;;) {
      const due = engine.closingsDueAt();
      if (due === null || due > now) return events;
      events.push(...engine.step({ kind: 'closings', wall: now }).events);
    }
  };

  const world = {
    engine,
    /** The events that opened the account. */
    opened: [] as readonly TradingEvent[],
    now: () => now,
    /** Takes over time and numbering of another world, to go on beside it. */
    goOn(other: { now: () => Instant; counted: () => number }) {
      now = other.now();
      counter = other.counted();
      return world;
    },
    counted: () => counter,
    wait(seconds: number) {
      now = (now + seconds * 1_000) as Instant;
      return world;
    },
    price(price: string, { symbol = SYMBOL, at = now }: { symbol?: string; at?: Instant } = {}) {
      return run(engine.step(priceInput(price, { symbol, at, now })));
    },
    signalStep(draft: SignalDraft = {}): StepResult {
      const signal: Signal = {
        id: draft.id ?? `signal-${(counter += 1)}`,
        symbol: draft.symbol ?? SYMBOL,
        action: draft.action ?? 'BUY',
        confidence: draft.confidence ?? 0.8,
        price: parsePrice(draft.price ?? '68234'),
        time: (now - (draft.age ?? 0) * 1_000) as Instant,
        source: draft.source ?? 'external',
        horizonSeconds: null,
        votes: null,
      };
      return engine.step({ kind: 'signal', signal, wall: now });
    },
    signal: (draft: SignalDraft = {}) => run(world.signalStep(draft)),
    buy: (price = '68234', draft: SignalDraft = {}) => world.signal({ ...draft, price, action: 'BUY' }),
    sell: (price = '68891', draft: SignalDraft = {}) => world.signal({ ...draft, price, action: 'SELL' }),
    commandStep(command: Partial<Command> & Pick<Command, 'action'>, isSigned = false): StepResult {
      return engine.step({
        kind: 'command',
        isSigned,
        wall: now,
        command: {
          id: `command-${(counter += 1)}`,
          ...COMMAND,
          time: now,
          ...command,
        },
      });
    },
    command: (command: Partial<Command> & Pick<Command, 'action'>, isSigned = false) =>
      run(world.commandStep(command, isSigned)),
    open(id: string, settings: Record<string, unknown> = {}) {
      return world.command(
        {
          id: `open-${id}`,
          action: 'OPEN_ACCOUNT',
          accountId: id,
          settings: parseSettingsPatch({ ...options.settings, ...settings }),
          account: {
            name: id,
            mode: 'PAPER',
            initialBalance: parseMoney(options.balance ?? '5000'),
            userId: 'user-1',
          },
        },
        true,
      );
    },
    account: (id = 'main') => {
      const account = engine.state.accounts.get(id);
      if (!account) throw new Error(`no account ${id}`);
      return account;
    },
  };
  if (!options.state) world.opened = world.open('main');
  return world;
}
