/** Rules that the events of an account tell by themselves, without working anything out anew. */
import type { TradingEvent } from '@kairos/schema';
import { DAY_MS } from '@kairos/schema';
import { holds } from '../violation.js';
import type { Check, CheckContext } from './check.js';

interface Known {
  seq: number;
  time: number;
  initial: bigint;
  pnl: bigint;
  /** Cost and entry fee by symbol of open trades. */
  readonly open: Map<string, { readonly id: string; readonly bound: bigint }>;
  readonly closed: Set<string>;
  /** Time of the decision by signal: an id may come again once it is forgotten. */
  readonly decided: Map<string, number>;
  /** The last event of each command, of a kind that ends it. */
  readonly obeyed: Set<string>;
  /** Command that stops the account: since TRADING_STOPPING until it is resumed. */
  isHalted: boolean;
  readonly stopping: Set<string>;
}

/** Events that are the last of their command for an account. */
const LAST: readonly TradingEvent['type'][] = [
  'ACCOUNT_OPENED',
  'TRADING_STOPPED',
  'TRADING_PAUSED',
  'TRADING_RESUMED',
  'SETTINGS_UPDATED',
  'COMMAND_REFUSED',
];

/** `seq-in-order`, `ids`, `cash-identity`, `one-decision`, `one-position`, `one-closing`, and what panic promises. */
export function createEventsCheck({ world, ledger }: CheckContext): Check {
  const accounts = new Map<string, Known>();

  const check = (event: TradingEvent): void => {
    const known = accounts.get(event.accountId) ?? emptyKnown(event);
    accounts.set(event.accountId, known);
    checkNumber(event, known, world.startsWith('REPLAY'));
    checkHalt(event, known);
    checkTrade(event, known);
    checkCash(event, known);
    checkDecision(event, known);
    checkCommand(event, known);
    checkForged(event, ledger.isForged(event.causedBy));
  };

  return {
    onCommitted({ entry }) {
      for (const event of entry.events) check(event);
    },
  };
}

const emptyKnown = ({ account, time }: TradingEvent): Known => ({
  seq: 0,
  time,
  initial: account.initialBalance,
  pnl: 0n,
  open: new Map(),
  closed: new Set(),
  decided: new Map(),
  obeyed: new Set(),
  isHalted: false,
  stopping: new Set(),
});

function checkNumber(event: TradingEvent, known: Known, hasOwnTime: boolean): void {
  known.seq += 1;
  const name = `${event.accountId}:${known.seq}`;
  holds(event.seq === known.seq, 'seq-in-order', () => [`seq ${known.seq} of ${event.accountId}`, `${event.seq}`]);
  holds((event.type === 'ACCOUNT_OPENED') === (known.seq === 1), 'seq-in-order', () => [
    'ACCOUNT_OPENED first and only then',
    `${event.type} as ${name}`,
  ]);
  holds(event.id === name && event.account.seq === known.seq, 'ids', () => [name, `${event.id}/${event.account.seq}`]);
  holds(!hasOwnTime || event.time >= known.time, 'time-forward', () => [
    `${name} from ${known.time} on`,
    `${event.time}`,
  ]);
  known.time = event.time;
}

function checkHalt(event: TradingEvent, known: Known): void {
  holds(!(known.isHalted && event.type === 'TRADE_OPENED'), 'no-entry-while-halted', () => [
    `nothing opened for ${event.accountId} until it is resumed`,
    `${event.id} opens ${event.trade?.id}`,
  ]);
  if (event.type === 'TRADING_STOPPING') {
    known.isHalted = true;
    known.stopping.add(event.causedBy);
  }
  if (event.type === 'TRADING_RESUMED') known.isHalted = false;
  const isPanic = event.trade?.exitReason === 'PANIC' && event.trade.status === 'CLOSED';
  holds(!isPanic || known.stopping.has(event.causedBy), 'stopping-first', () => [
    `TRADING_STOPPING of ${event.causedBy} before its first closing`,
    `${event.id} closes ${event.trade?.id}`,
  ]);
  holds(event.type !== 'TRADING_STOPPED' || known.open.size === 0, 'flat-when-stopped', () => [
    `${event.accountId} flat when it is STOPPED`,
    `${known.open.size} open`,
  ]);
}

function checkTrade({ id, type, trade, accountId }: TradingEvent, known: Known): void {
  if (!trade || type === 'CLOSE_FAILED') return;
  const held = known.open.get(trade.symbol);
  if (trade.status === 'OPEN') {
    holds(!held, 'one-position', () => [`one position in ${trade.symbol} of ${accountId}`, `a second one in ${id}`]);
    holds(
      trade.id === `${accountId}:${trade.symbol}:${trade.entrySignalId}` && !known.closed.has(trade.id),
      'ids',
      () => ['a trade id of account, symbol and cause, used once', trade.id],
    );
    known.open.set(trade.symbol, { id: trade.id, bound: trade.cost + trade.entryFee });
    return;
  }
  holds(held?.id === trade.id && !known.closed.has(trade.id), 'one-closing', () => [
    `one closing of ${trade.id}, while it is open`,
    known.closed.has(trade.id) ? `a second one in ${id}` : `${id}, not open`,
  ]);
  known.open.delete(trade.symbol);
  known.closed.add(trade.id);
  known.pnl += trade.pnl ?? 0n;
}

/** Exactly, at every commit: cash = initialBalance + Σ pnl − Σ (cost + entry fee) of open trades. */
function checkCash({ id, account }: TradingEvent, known: Known): void {
  let cash = known.initial + known.pnl;
  for (const { bound } of known.open.values()) cash -= bound;
  holds(account.cash === cash && cash >= 0n, 'cash-identity', () => [
    `cash ${cash} (1e-8) after ${id}`,
    `${account.cash}`,
  ]);
}

function checkDecision({ id, decision, causedBy, trade, type, time }: TradingEvent, known: Known): void {
  const isFill = type === 'TRADE_OPENED' || trade?.exitReason === 'SIGNAL';
  holds(!isFill || decision !== null, 'one-decision', () => ['a decision with every fill of a signal', id]);
  if (!decision) return;
  const before = known.decided.get(causedBy);
  const isNew = before === undefined || time - before > DAY_MS;
  holds(isNew, 'one-decision', () => [`one decision of ${causedBy}`, `a second one in ${id}`]);
  known.decided.set(causedBy, time);
}

function checkCommand(event: TradingEvent, known: Known): void {
  const { step, type, causedBy, id, trade } = event;
  const isLast = LAST.includes(type) || trade?.exitReason === 'MANUAL';
  if (!step || step.refusal === 'NOT_SIGNED' || !isLast) return;
  holds(!known.obeyed.has(causedBy), 'obeyed-once', () => [`${causedBy} obeyed once`, `again in ${id}`]);
  known.obeyed.add(causedBy);
}

/** Unsigned and forged commands are refused, but for STOP_BOT. */
function checkForged({ id, type, causedBy }: TradingEvent, isForged: boolean): void {
  holds(!isForged || type === 'COMMAND_REFUSED', 'forged-without-effect', () => [
    `the forged ${causedBy} refused`,
    `${type} ${id}`,
  ]);
}
