/**
 * Orders that close positions, tried until they are filled: by hand, by a stop level, or because a panic wants the
 * account flat. A position has one of them at a time. A failed one is seen (CLOSE_FAILED) and tried again, at first soon
 * and then at the named longest interval, over restarts too.
 */
import type { Closing, ExitReason, Instant, Trade } from '@kairos/schema';
import { assert, CLOSE_RETRY_MS_MAX, CLOSE_RETRY_MS_MIN } from '@kairos/schema';
import { recordFor } from '../command/context.js';
import { closing, newestPrice } from '../matching/close.js';
import { PAPER_FILLS } from '../matching/fill-model.js';
import type { Recorder } from '../recorder.js';
import type { TradingRules } from '../rules.js';
import type { AccountState, EngineState } from '../state.js';

interface Context {
  readonly state: EngineState;
  readonly recorder: Recorder;
  readonly rules: TradingRules;
  /** World time. */
  readonly now: Instant;
  readonly wall: Instant;
}

interface Position {
  readonly account: AccountState;
  readonly trade: Trade;
}

/** Due at once: what a panic wants and has not been tried. */
const AT_ONCE = 0 as Instant;

/** Why the venue would not take the first order that closes a position; null = it takes it. */
export const exitRefusal = (rules: TradingRules, { account, trade }: Position, now: Instant): string | null =>
  refusalOf(rules, { account, trade }, { attempt: 1, now });

function refusalOf(rules: TradingRules, { account, trade }: Position, of: { attempt: number; now: Instant }) {
  const { refusalOf: refuses } = rules.fillModel ?? PAPER_FILLS;
  return refuses({
    accountId: account.account.id,
    symbol: trade.symbol,
    action: 'SELL',
    attempt: of.attempt,
    at: of.now,
  });
}

/** Closes a position by hand. */
export function closeByCommand(
  context: Context,
  { commandId, ...position }: Position & { readonly commandId: string },
): void {
  attempt(context, position, {
    tradeId: position.trade.id,
    reason: 'MANUAL',
    commandId,
    attempts: 0,
    nextAt: context.wall,
  });
}

/**
 * A panic takes over the orders that have been refused so far: each is tried at once, for the command that wanted it, or
 * the panic where none did.
 */
export function takeOverClosings(
  { recorder, wall }: Pick<Context, 'recorder' | 'wall'>,
  account: AccountState,
  panicId: string,
): void {
  for (const under of account.closings.values()) {
    const wanted = under.commandId === null ? { reason: 'PANIC' as const, commandId: panicId } : {};
    recorder.setClosing(account, { ...under, ...wanted, nextAt: wall });
  }
}

/** Notes that the order of a stop level was refused: from now on it is tried like the others. */
export function stopFailed(
  context: Context,
  position: Position,
  { reason, error }: { readonly reason: ExitReason; readonly error: string },
): void {
  failed(context, position, {
    closing: { tradeId: position.trade.id, reason, commandId: null, attempts: 0, nextAt: context.wall },
    error,
  });
}

/**
 * When the next closing is due by the wall clock; null when there is none. The first of an account that is STOPPING is
 * due at once.
 */
export function closingsDueAt(state: EngineState): Instant | null {
  let earliest: Instant | null = null;
  for (const account of state.closing) {
    for (const trade of account.openTrades.values()) {
      const due = closingOf(account, trade)?.nextAt;
      if (due === AT_ONCE) return due;
      if (due !== undefined && (earliest === null || due < earliest)) earliest = due;
    }
    if (isFlat(account)) return AT_ONCE;
  }
  return earliest;
}

/** Tries the closings that are due until the step is full, and says which accounts are flat. */
export function closeDue(context: Context): void {
  const { state, recorder, wall } = context;
  for (const account of [...state.closing]) {
    for (const trade of account.openTrades.values()) {
      if (recorder.isFull()) return;
      const due = closingOf(account, trade);
      if (due && due.nextAt <= wall) attempt(context, { account, trade }, due);
    }
    if (recorder.isFull()) return;
    if (isFlat(account)) stopped(context, account);
  }
}

const isFlat = (account: AccountState): boolean =>
  account.account.status === 'STOPPING' && account.openTrades.size === 0;

/** The order that closes a position: one that is under way, or a panic's; null when none is wanted. */
function closingOf(account: AccountState, trade: Trade): Closing | null {
  const underWay = account.closings.get(trade.id);
  if (underWay) return underWay;
  if (account.account.status !== 'STOPPING') return null;
  const [commandId] = account.stopCommands;
  assert(commandId !== undefined, 'an account is STOPPING because of a command');
  return { tradeId: trade.id, reason: 'PANIC', commandId, attempts: 0, nextAt: AT_ONCE };
}

function attempt(context: Context, { account, trade }: Position, under: Closing): void {
  const { state, recorder, rules, now } = context;
  const error = refusalOf(rules, { account, trade }, { attempt: under.attempts + 1, now });
  if (error !== null) {
    failed(context, { account, trade }, { closing: under, error });
    return;
  }
  const { reason, commandId } = under;
  const price = newestPrice(state, trade, now);
  const exit = { trade, price: price.price, reason, now, ...(commandId !== null && { commandId }) };
  const draft = { ...closing(account, exit), price };
  if (commandId === null) recorder.record({ ...draft, causedBy: trade.entrySignalId });
  else recordFor(recorder, { commandId, now }, { draft });
}

function failed(
  { recorder, now, wall }: Context,
  { account, trade }: Position,
  { closing: under, error }: { readonly closing: Closing; readonly error: string },
): void {
  const { commandId } = under;
  const draft = { type: 'CLOSE_FAILED' as const, account: account.account };
  if (commandId === null) recorder.record({ ...draft, time: now, causedBy: trade.entrySignalId, trade, error });
  else {
    const detail = { tradeId: trade.id, symbol: trade.symbol, error };
    recordFor(recorder, { commandId, now }, { draft, detail });
  }
  const waitMs = Math.min(CLOSE_RETRY_MS_MIN * 2 ** under.attempts, CLOSE_RETRY_MS_MAX);
  const nextAt = (wall + waitMs) as Instant;
  recorder.setClosing(account, { ...under, attempts: under.attempts + 1, nextAt });
}

/** The account is flat: every STOP_BOT that has waited for it is answered. */
function stopped({ recorder, now }: Context, account: AccountState): void {
  for (const commandId of [...account.stopCommands]) {
    const draft = { type: 'TRADING_STOPPED' as const, account: { ...account.account, status: 'STOPPED' as const } };
    recordFor(recorder, { commandId, now }, { draft });
  }
}
