/**
 * Books kept a second time, from the contract alone: the auditor is told every input in the order in which a trader took
 * it, works out what it means, and holds every committed event against that. It shares no rule and no arithmetic with
 * the core.
 */
import type { Command, Instant, Instrument, MarketCandle, Signal, TradingEvent, World } from '@kairos/schema';
import { DAY_MS, isLockStep, PREDICTOR_SOURCE } from '@kairos/schema';
import { holds } from '../violation.js';
import type { Books } from './books.js';
import { rollDay } from './books.js';
import { courseCommand, windUp } from './commands.js';
import { compareEvent } from './compare.js';
import { coursePrice, courseSignal } from './courses.js';
import type { House } from './decide.js';
import type { Course, Stage } from './expected.js';
import { openBooks } from './opening.js';
import type { Prices } from './prices.js';
import { createPrices } from './prices.js';

/** An input as a trader took it. */
export type HeardInput =
  | { readonly kind: 'price'; readonly candle: MarketCandle; readonly wall: Instant }
  | { readonly kind: 'signal'; readonly signal: Signal; readonly wall: Instant }
  | { readonly kind: 'command'; readonly command: Command; readonly isSigned: boolean; readonly wall: Instant }
  | { readonly kind: 'begin'; readonly at: Instant; readonly wall: Instant }
  | { readonly kind: 'ended'; readonly at: Instant; readonly wall: Instant }
  | { readonly kind: 'instruments'; readonly instruments: readonly Instrument[]; readonly wall: Instant }
  | { readonly kind: 'noPredictor'; readonly wall: Instant }
  /** Time to close what a panic wants closed. */
  | { readonly kind: 'closings'; readonly wall: Instant };

/** One step of a trader's core: what went in and what came out. */
export interface HeardStep {
  readonly input: HeardInput;
  readonly events: readonly TradingEvent[];
  /** Goes to the dead letter. */
  readonly isInvalid: boolean;
  /** The same input is taken again after a commit. */
  readonly isPartial: boolean;
}

export interface AuditorOptions {
  readonly world: World;
  readonly house: House;
  /** Settings of accounts whose opening names no others. */
  readonly defaults: Books['settings'];
  /** Whether an account falls to the shard that is audited. */
  readonly owns: (accountId: string) => boolean;
}

export interface Auditor {
  readonly accounts: ReadonlyMap<string, Books>;
  readonly prices: Prices;
  /** Whether an account falls to this shard. */
  readonly owns: (accountId: string) => boolean;
  /** Takes the next committed step. @throws Violation */
  take(step: HeardStep): void;
}

const SIGNAL_MEMORY_MS = 2 * DAY_MS;
const SIGNAL_AGE_MAX_MS = DAY_MS;
const SIGNAL_AHEAD_MAX_MS = 5_000;
const WALL_STAMP_MS = 60_000;

/** What an input came to before its events: dead letter, or a course per account. */
interface Begun {
  readonly isInvalid: boolean;
  readonly stages: readonly Stage[];
  /** Done after the last event. */
  readonly finish?: () => void;
}

/** Inputs that may begin a day. */
const ROLLS: readonly HeardInput['kind'][] = ['price', 'signal', 'command', 'closings'];

const INVALID: Begun = { isInvalid: true, stages: [] };
const NOTHING: Begun = { isInvalid: false, stages: [] };

export function createAuditor({ world, house, defaults, owns }: AuditorOptions): Auditor {
  const hasOwnTime = isLockStep(world);
  const accounts = new Map<string, Books>();
  const prices = createPrices(house.band);
  const instruments = new Map<string, Instrument>();
  const remembered = new Map<string, { readonly time: Instant; readonly content: string }>();
  /** Inputs taken in parts, by what they are. */
  const unfinished = new Map<string, Begun>();
  let worldNow: Instant | null = null;
  let now = 0 as Instant;
  let wall = 0 as Instant;

  const moment = () => ({ now, wall, prices });

  const setTime = (input: HeardInput): void => {
    wall = input.wall;
    if (input.kind === 'begin') worldNow = input.at;
    if (input.kind === 'price' && (worldNow === null || input.candle.at > worldNow)) worldNow = input.candle.at;
    now = hasOwnTime ? (worldNow ?? wall) : wall;
    if (!ROLLS.includes(input.kind)) return;
    const day = dayOf(input.kind === 'price' ? ((input.candle.at - 1) as Instant) : now);
    for (const books of accounts.values()) rollDay(books, day, prices.newest);
  };

  const beginPrice = (candle: MarketCandle): Begun => {
    const isNews = prices.market(candle.symbol, { price: candle.close, at: candle.at });
    if (!isNews) return NOTHING;
    const holders = [...accounts.values()].filter(({ open }) => open.has(candle.symbol));
    return { isInvalid: false, stages: holders.map((books) => stage(books, coursePrice(books, candle, moment))) };
  };

  const beginSignal = (sent: Signal): Begun => {
    const isGivenNow = hasOwnTime && sent.source !== PREDICTOR_SOURCE && Math.abs(sent.time - wall) <= WALL_STAMP_MS;
    const signal = isGivenNow ? { ...sent, time: now } : sent;
    if (now - signal.time > SIGNAL_AGE_MAX_MS || signal.time - now > SIGNAL_AHEAD_MAX_MS) return INVALID;
    const content = [signal.symbol, signal.action, signal.price, signal.confidence].join(' ');
    const known = remembered.get(signal.id);
    if (known && now - known.time <= SIGNAL_MEMORY_MS) return NOTHING;
    remembered.set(signal.id, { time: signal.time, content });
    const told = { price: signal.price as bigint, at: signal.time };
    const hadPrice = prices.newest(signal.symbol) !== null;
    if (hadPrice) prices.signal(signal.symbol, told, now);
    let hasOpened = false;
    const onOpened = (): void => {
      hasOpened = true;
      if (!hadPrice) prices.entered(signal.symbol, told);
    };
    const instrument = instruments.get(signal.symbol);
    const ask = () => ({ signal, now, prices, house, instrument });
    const traders = signal.action === 'HOLD' ? [] : [...accounts.values()].filter((books) => trades(books, signal));
    return {
      isInvalid: false,
      stages: traders.map((books) => stage(books, courseSignal(books, signal, { ask, onOpened }))),
      finish: () => {
        if (!hadPrice && !hasOpened) prices.signal(signal.symbol, told, now);
      },
    };
  };

  const beginCommand = (command: Command, isSigned: boolean): Begun => {
    const accountId =
      command.accountId ?? (command.action === 'CLOSE_POSITION' ? command.tradeId!.split(':')[0]! : null);
    if (accountId !== null && !accounts.has(accountId) && !owns(accountId)) return NOTHING;
    if (command.action === 'OPEN_ACCOUNT') return beginOpening(command, isSigned);
    const concerned = accountId === null ? [...accounts.values()] : [accounts.get(accountId)];
    if (concerned[0] === undefined && accountId !== null) return INVALID;
    const order = { command, isSigned, house };
    return {
      isInvalid: false,
      stages: concerned
        .filter((books) => books !== undefined)
        .map((books) => stage(books, courseCommand(books, order, moment))),
    };
  };

  const beginOpening = (command: Command, isSigned: boolean): Begun => {
    const existing = accounts.get(command.accountId ?? '');
    if (house.requiresSignature && !isSigned) return INVALID;
    if (existing) return existing.heard.has(command.id) ? NOTHING : INVALID;
    const books = openBooks(command, { now, wall, defaults });
    if (!books) return INVALID;
    accounts.set(books.id, books);
    return { isInvalid: false, stages: [stage(books, opening(command.id))] };
  };

  const begin = (input: HeardInput): Begun => {
    switch (input.kind) {
      case 'price':
        return beginPrice(input.candle);
      case 'signal':
        return beginSignal(input.signal);
      case 'command':
        return beginCommand(input.command, input.isSigned);
      case 'instruments':
        for (const instrument of input.instruments) instruments.set(instrument.symbol, instrument);
        return NOTHING;
      case 'begin':
      case 'ended':
      case 'noPredictor':
      case 'closings':
        return NOTHING;
    }
  };

  const judgeEvent = (begun: Begun, event: TradingEvent): void => {
    const books = accounts.get(event.accountId);
    const next = begun.stages.find((own) => own.books === books)?.course.next();
    const expected = next && !next.done ? next.value : books && windUp(books, event, moment());
    if (!books || !expected) {
      const found = `${event.id} ${event.type} caused by ${event.causedBy}`;
      holds(false, 'course', () => [`nothing more for ${event.accountId}`, found]);
      return;
    }
    books.seq += 1;
    compareEvent(event, expected, books, now);
  };

  return {
    accounts,
    prices,
    owns,
    take(step) {
      const name = nameOf(step.input);
      setTime(step.input);
      const begun = unfinished.get(name) ?? begin(step.input);
      unfinished.delete(name);
      holds(begun.isInvalid === step.isInvalid, 'validity', () => [
        `${name} ${begun.isInvalid ? 'in the dead letter' : 'taken'}`,
        step.isInvalid ? 'in the dead letter' : 'taken',
      ]);
      for (const event of step.events) judgeEvent(begun, event);
      if (step.isPartial) {
        unfinished.set(name, begun);
        return;
      }
      for (const { books, course } of begun.stages) {
        const left = course.next();
        holds(left.done === true, 'course', () => [
          `${(left.value as { type?: string }).type} for ${books.id} after ${name}`,
          'nothing',
        ]);
      }
      begun.finish?.();
    },
  };
}

const stage = (books: Books, course: Course): Stage => ({ books, course });
const dayOf = (at: Instant): number => Math.floor(at / DAY_MS) * DAY_MS;
const trades = (books: Books, { symbol }: Signal): boolean =>
  books.open.has(symbol) || books.settings.symbols.includes(symbol);

function* opening(commandId: string): Course {
  yield { type: 'ACCOUNT_OPENED', causedBy: commandId };
}

/** Tells an input that is taken again from every other. */
function nameOf(input: HeardInput): string {
  switch (input.kind) {
    case 'price':
      return `price of ${input.candle.symbol} at ${input.candle.at}`;
    case 'signal':
      return `signal ${input.signal.id}`;
    case 'command':
      return `command ${input.command.id} for ${input.command.accountId ?? 'all'} ${input.isSigned}`;
    default:
      return input.kind;
  }
}
