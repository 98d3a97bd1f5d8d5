/** What an input comes to before its events: a dead letter, nothing, or a course for each account that it concerns. */
import type { Command, Instant, Instrument, MarketCandle, Signal } from '@kairos/schema';
import { DAY_MS, PREDICTOR_SOURCE } from '@kairos/schema';
import type { Books } from './books.js';
import { courseCommand } from './commands.js';
import { coursePrice, courseSignal } from './courses.js';
import type { House } from './decide.js';
import type { Course, Stage } from './expected.js';
import type { HeardInput } from './input.js';
import { openBooks } from './opening.js';
import type { Prices } from './prices.js';

/** What the auditor knows beside prices and books. */
export interface Known {
  readonly hasOwnTime: boolean;
  readonly house: House;
  readonly defaults: Books['settings'];
  readonly owns: (accountId: string) => boolean;
  /** In order of opening. */
  readonly accounts: Map<string, Books>;
  readonly prices: Prices;
  readonly instruments: Map<string, Instrument>;
  /** Times of the signals that were taken, by id. */
  readonly remembered: Map<string, Instant>;
  now: Instant;
  wall: Instant;
}

export interface Begun {
  readonly isInvalid: boolean;
  /** In order of opening, in which the accounts are asked. */
  readonly stages: readonly Stage[];
  /** Of a price: those who hold the symbol are asked in any order. */
  readonly isAnyOrder?: boolean;
  /** Done when it is taken again, because a part of it was left. */
  readonly goOn?: () => void;
  /** Done after the last event. */
  readonly finish?: () => void;
}

const INVALID: Begun = { isInvalid: true, stages: [] };
const NOTHING: Begun = { isInvalid: false, stages: [] };
const SIGNAL_MEMORY_MS = 2 * DAY_MS;
const SIGNAL_AGE_MAX_MS = DAY_MS;
const SIGNAL_AHEAD_MAX_MS = 5_000;
const WALL_STAMP_MS = 60_000;

export function begin(known: Known, input: HeardInput): Begun {
  switch (input.kind) {
    case 'price':
      return beginPrice(known, input.candle);
    case 'signal':
      return beginSignal(known, withWorldTime(known, input.signal));
    case 'command':
      return beginCommand(known, input.command, input.isSigned);
    case 'instruments':
      for (const instrument of input.instruments) known.instruments.set(instrument.symbol, instrument);
      return NOTHING;
    case 'begin':
    case 'ended':
    case 'noPredictor':
    case 'closings':
      return NOTHING;
  }
}

const stage = (books: Books, course: Course): Stage => ({ books, course });

function beginPrice(known: Known, candle: MarketCandle): Begun {
  const { prices, accounts } = known;
  const isNews = prices.market(candle.symbol, { price: candle.close, at: candle.at });
  if (!isNews) return NOTHING;
  const holders = [...accounts.values()].filter(({ open }) => open.has(candle.symbol));
  return {
    isInvalid: false,
    isAnyOrder: true,
    stages: holders.map((books) =>
      stage(
        books,
        coursePrice(books, candle, () => known),
      ),
    ),
  };
}

/** A third party's signal stamped with the wall clock is given now where time is the world's own. */
function withWorldTime({ hasOwnTime, now, wall }: Known, signal: Signal): Signal {
  const isGivenNow = hasOwnTime && signal.source !== PREDICTOR_SOURCE && Math.abs(signal.time - wall) <= WALL_STAMP_MS;
  return isGivenNow ? { ...signal, time: now } : signal;
}

function beginSignal(known: Known, signal: Signal): Begun {
  const { now, prices, accounts, remembered } = known;
  if (now - signal.time > SIGNAL_AGE_MAX_MS || signal.time - now > SIGNAL_AHEAD_MAX_MS) return INVALID;
  const before = remembered.get(signal.id);
  if (before !== undefined && now - before <= SIGNAL_MEMORY_MS) return NOTHING;
  remembered.set(signal.id, signal.time);
  const told = { price: signal.price as bigint, at: signal.time };
  const isPriced = (): boolean => prices.newest(signal.symbol) !== null;
  let hadPrice = isPriced();
  if (hadPrice) prices.signal(signal.symbol, told, now);
  const onOpened = (): void => {
    if (!hadPrice) prices.entered(signal.symbol, told);
  };
  const ask = () => ({ ...known, signal, instrument: known.instruments.get(signal.symbol) });
  const concerned = signal.action === 'HOLD' ? [] : [...accounts.values()];
  return {
    isInvalid: false,
    stages: concerned.map((books) => stage(books, courseSignal(books, signal, { ask, onOpened }))),
    goOn: () => {
      hadPrice = isPriced();
    },
    finish: () => {
      if (!hadPrice) prices.signal(signal.symbol, told, known.now);
    },
  };
}

function beginCommand(known: Known, command: Command, isSigned: boolean): Begun {
  const { accounts, house, owns } = known;
  const accountId = targetOf(command);
  if (accountId !== null && !accounts.has(accountId) && !owns(accountId)) return NOTHING;
  if (command.action === 'OPEN_ACCOUNT') return beginOpening(known, command, isSigned);
  const target = accountId === null ? null : accounts.get(accountId);
  if (target === undefined) return INVALID;
  const concerned = target === null ? [...accounts.values()] : [target];
  const order = { command, isSigned, house };
  return {
    isInvalid: false,
    stages: concerned.map((books) =>
      stage(
        books,
        courseCommand(books, order, () => known),
      ),
    ),
  };
}

/** The account that a command is for; null = every one. A trade's id begins with its account's. */
const targetOf = ({ accountId, action, tradeId }: Command): string | null =>
  accountId ?? (action === 'CLOSE_POSITION' ? (tradeId?.split(':')[0] ?? '') : null);

function beginOpening(known: Known, command: Command, isSigned: boolean): Begun {
  const { accounts, house } = known;
  if (house.requiresSignature && !isSigned) return INVALID;
  const existing = accounts.get(command.accountId ?? '');
  if (existing) return existing.heard.has(command.id) ? NOTHING : INVALID;
  const books = openBooks(command, known);
  if (!books) return INVALID;
  accounts.set(books.id, books);
  return { isInvalid: false, stages: [stage(books, opening(command.id))] };
}

function* opening(commandId: string): Course {
  yield { type: 'ACCOUNT_OPENED', causedBy: commandId };
}
