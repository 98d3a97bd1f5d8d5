/** Every rule that a run is held against: what it says, and what kind of failure it is when it does not hold. */
import type { FailureKind } from './violation.js';

export interface Rule {
  readonly kind: FailureKind;
  readonly says: string;
}

const safety = (says: string): Rule => ({ kind: 'safety', says });
const liveness = (says: string): Rule => ({ kind: 'liveness', says });
const crash = (says: string): Rule => ({ kind: 'crash', says });

export const RULES = {
  'entries-in-order': safety('entries of a shard count from 1 without a gap'),
  'epochs-forward': safety(
    'a new owner begins with an empty entry and the next epoch; an older epoch never writes again',
  ),
  'positions-forward': safety('positions never go back'),
  'entry-is-steps': safety('an entry holds what the core answered, all of it and nothing else'),
  marks: safety('what entries say of an account beside its events is what the auditor knows'),
  prices: safety('what entries say of prices is what the auditor knows'),
  'inputs-once': safety('the records between two positions are taken once each, in order within a partition'),
  'letters-of-entry': safety('a dead letter for each message that is not valid, with a reason, and for no other'),
  'seq-in-order': safety('seq counts from 1 without a gap, ACCOUNT_OPENED first'),
  ids: safety('ids of events and trades are functions of what caused them, used once'),
  'time-forward': safety('the time of a replay never goes back'),
  'no-entry-while-halted': safety('nothing is opened from TRADING_STOPPING until the account is resumed'),
  'stopping-first': safety('TRADING_STOPPING is committed before the first closing of its command'),
  'flat-when-stopped': safety('an account that is STOPPED holds nothing'),
  'one-position': safety('one open position per symbol and account'),
  'one-closing': safety('a position is closed once, while it is open'),
  'cash-identity': safety('cash = initialBalance + Σ pnl − Σ (cost + entry fee) of open trades, never below 0'),
  'one-decision': safety('one decision per signal and account, with every fill of a signal'),
  'obeyed-once': safety('a command is obeyed once per account'),
  'forged-without-effect': safety('what is unsigned or forged is refused, but for STOP_BOT'),
  validity: safety('what is not valid by its age or its target goes to the dead letter, and nothing else does'),
  course: safety('what happens is what the contract says an input means: event, cause, time, refusal'),
  decision: safety('the first reason that applies, in the order of the contract'),
  figures: safety('amounts, prices, fees and levels to the last digit'),
  account: safety('the account after an event, to the last digit'),
  'price-source': safety('where the price of an order came from, and how old it was'),
  'published-committed': safety('what is published has been committed, with these bytes'),
  'published-in-order': safety('events of an account are published in order, none left out'),
  'letters-once': safety('a dead letter is written once'),
  'read-models': safety('read models are the fold of the journal'),
  recovered: safety('what a new owner loads is what was committed'),
  'all-taken': liveness('once nothing fails, everything published is taken'),
  'stored-obeyed': liveness('once nothing fails, commands that wait in the store are obeyed'),
  'flat-after-panic': liveness('once nothing fails, a panic leaves every account flat and STOPPED'),
  'all-published': liveness('once nothing fails, every event is published'),
  'letters-published': liveness('once nothing fails, every dead letter is published'),
  spins: liveness('a trader that has nothing to do lets time pass'),
  ends: liveness('a trader that is told to stop ends'),
  'begins-again': liveness('after an end in good order another trader takes over'),
  alive: crash('a trader ends only because it was fenced or a port failed'),
  crash: crash('nothing throws what nobody expects'),
} as const satisfies Readonly<Record<string, Rule>>;

export type RuleName = keyof typeof RULES;
