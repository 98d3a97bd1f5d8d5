/**
 * Books kept a second time, from the contract alone: the auditor is told every input in the order in which a trader took
 * it, works out what it means, and holds every committed event against that. It shares no rule and no arithmetic with
 * the core.
 */
import type { Instant, TradingEvent, World } from '@kairos/schema';
import { DAY_MS, isLockStep } from '@kairos/schema';
import { holds } from '../violation.js';
import type { Begun, Known } from './beginnings.js';
import { begin } from './beginnings.js';
import type { Books } from './books.js';
import { rollDay } from './books.js';
import { windUp } from './commands.js';
import { compareEvent } from './compare.js';
import type { House } from './decide.js';
import type { Stage } from './expected.js';
import type { HeardInput, HeardStep } from './input.js';
import { nameOfInput } from './input.js';
import type { Prices } from './prices.js';
import { createPrices } from './prices.js';

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
  /** Accounts that a price which is taken in parts may or may not have come to. */
  unsettled(): ReadonlySet<Books>;
  /** Takes the next committed step. @throws Violation */
  take(step: HeardStep): void;
}

/** Inputs that may begin a day. */
const ROLLS: readonly HeardInput['kind'][] = ['price', 'signal', 'command', 'closings'];

export function createAuditor({ world, ...options }: AuditorOptions): Auditor {
  const known: Known = {
    ...options,
    hasOwnTime: isLockStep(world),
    accounts: new Map(),
    prices: createPrices(options.house.band),
    instruments: new Map(),
    remembered: new Map(),
    now: 0 as Instant,
    wall: 0 as Instant,
  };
  /** Inputs taken in parts, by what they are. */
  const unfinished = new Map<string, Begun>();
  const setTime = createTime(known);

  return {
    accounts: known.accounts,
    prices: known.prices,
    owns: known.owns,
    unsettled() {
      const prices = [...unfinished.values()].filter(({ isAnyOrder }) => isAnyOrder);
      return new Set(prices.flatMap(({ stages }) => stages.map(({ books }) => books)));
    },
    take(step) {
      const name = nameOfInput(step.input);
      setTime(step.input);
      const left = unfinished.get(name);
      left?.goOn?.();
      const begun = left ?? begin(known, step.input);
      unfinished.delete(name);
      holds(begun.isInvalid === step.isInvalid, 'validity', () => [
        `${name} ${begun.isInvalid ? 'in the dead letter' : 'taken'}`,
        step.isInvalid ? 'in the dead letter' : 'taken',
      ]);
      for (const event of step.events) judge(known, begun, event);
      if (step.isPartial) unfinished.set(name, begun);
      else finish(begun, name);
    },
  };
}

/** World time: the clock's with an exchange, else the highest `at` taken, and the clock's before there is one. */
function createTime(known: Known): (input: HeardInput) => void {
  let worldNow: Instant | null = null;
  return (input) => {
    known.wall = input.wall;
    if (input.kind === 'begin') worldNow = input.at;
    if (input.kind === 'price' && (worldNow === null || input.candle.at > worldNow)) worldNow = input.candle.at;
    known.now = known.hasOwnTime ? (worldNow ?? known.wall) : known.wall;
    if (!ROLLS.includes(input.kind)) return;
    // A price that is true at 00:00 still closes the day before.
    const day = dayOf(input.kind === 'price' ? input.candle.at - 1 : known.now);
    for (const books of known.accounts.values()) rollDay(books, day, known.prices.newest);
  };
}

const dayOf = (at: number): number => Math.floor(at / DAY_MS) * DAY_MS;

/** @throws Violation */
function judge(known: Known, begun: Begun, event: TradingEvent): void {
  const books = known.accounts.get(event.accountId);
  const turn = begun.stages.findIndex((own) => own.books === books);
  if (!begun.isAnyOrder) for (const before of begun.stages.slice(0, Math.max(0, turn))) endOf(before, event.id);
  const next = begun.stages[turn]?.course.next();
  const expected = next && !next.done ? next.value : books && windUp(books, event, known);
  if (!books || !expected) {
    const found = `${event.id} ${event.type} caused by ${event.causedBy}`;
    holds(false, 'course', () => [`nothing more for ${event.accountId}`, found]);
    return;
  }
  books.seq += 1;
  compareEvent(event, expected, books, known.now);
}

/** @throws Violation when something that was to happen has not. */
function finish({ stages, finish }: Begun, name: string): void {
  for (const stage of stages) endOf(stage, name);
  finish?.();
}

/** @throws Violation when an account whose turn is over has not had everything. */
function endOf({ books, course }: Stage, after: string): void {
  const left = course.next();
  const type = left.done === true ? null : left.value.type;
  holds(type === null, 'course', () => [`${type} for ${books.id} after ${after}`, 'nothing']);
}
