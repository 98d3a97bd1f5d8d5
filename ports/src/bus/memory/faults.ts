/** How faulty a client of the memory bus is: settings that a test changes while it runs. */
import { PortError } from '../../errors.js';
import type { Random } from './random.js';

/** How often what goes wrong: chances from 0 (never) to 1 (always). */
export interface BusFaultRates {
  /** UNAVAILABLE, and nothing was published. */
  readonly publishFailsBefore: number;
  /** TIMEOUT, and everything was published all the same: the caller cannot know. */
  readonly publishFailsAfter: number;
  /** FULL, and nothing was published. */
  readonly publishFull: number;
  /** UNAVAILABLE; the position stands where it stood. */
  readonly pollFails: number;
  /** The records of the poll before are delivered once more. */
  readonly pollRepeats: number;
  /** UNAVAILABLE, and nothing was committed. */
  readonly commitFailsBefore: number;
  /** TIMEOUT, and the positions were committed all the same. */
  readonly commitFailsAfter: number;
  /** A call takes up to `delayMsMax` longer. */
  readonly delays: number;
  readonly delayMsMax: number;
}

export const NO_FAULTS: BusFaultRates = {
  publishFailsBefore: 0,
  publishFailsAfter: 0,
  publishFull: 0,
  pollFails: 0,
  pollRepeats: 0,
  commitFailsBefore: 0,
  commitFailsAfter: 0,
  delays: 0,
  delayMsMax: 0,
};

/** What can go wrong once, on order. */
export type BusFault = Exclude<keyof BusFaultRates, 'delays' | 'delayMsMax'>;

export interface BusFaults {
  /** Sets some rates; the others stay. */
  set(rates: Partial<BusFaultRates>): void;
  /** The next call that can go wrong in this way does, and so for each time that this is called. */
  once(fault: BusFault): void;
  /** While down every call is refused with UNAVAILABLE and does nothing; closing works. */
  down(isDown: boolean): void;
  /** Everything works again, orders included. */
  clear(): void;
  readonly isDown: boolean;
  /** Whether a fault strikes now. */
  strikes(fault: BusFault): boolean;
  /** How long the call at hand is delayed. */
  delayMs(): number;
}

/** @param random Decides what strikes when: the same numbers and calls give the same faults. */
export function createBusFaults(random: Random, initial: Partial<BusFaultRates> = {}): BusFaults {
  let rates: BusFaultRates = { ...NO_FAULTS, ...initial };
  let ordered: BusFault[] = [];
  let isDown = false;

  const happens = (chance: number): boolean => chance > 0 && random() < chance;

  return {
    set(some) {
      rates = { ...rates, ...some };
    },
    once(fault) {
      ordered.push(fault);
    },
    down(value) {
      isDown = value;
    },
    clear() {
      rates = NO_FAULTS;
      ordered = [];
      isDown = false;
    },
    get isDown() {
      return isDown;
    },
    strikes(fault) {
      const order = ordered.indexOf(fault);
      if (order < 0) return happens(rates[fault]);
      ordered.splice(order, 1);
      return true;
    },
    delayMs: () => (happens(rates.delays) ? Math.ceil(random() * rates.delayMsMax) : 0),
  };
}

export const faultBefore = (what: string): PortError =>
  new PortError('UNAVAILABLE', `injected fault: the bus did not take the ${what}`);

export const faultFull = (what: string): PortError => new PortError('FULL', `injected fault: no room for the ${what}`);

export const faultAfter = (what: string): PortError =>
  new PortError('TIMEOUT', `injected fault: the bus did not answer the ${what}`);
