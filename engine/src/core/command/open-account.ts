/** Opens an account, or says why not. */
import type { Account, Command, RefusalCode } from '@kairos/schema';
import { currenciesOf, withSettings } from '@kairos/schema';
import type { CommandContext, CommandOutcome } from './context.js';
import { issuedAt, stepOf } from './context.js';

export function openAccount(context: CommandContext): CommandOutcome {
  const { state, recorder, command, isSigned, now, rules } = context;
  const { accountId, account: request } = command;
  if (accountId === null || request === null) {
    return refusedWhole(context, 'NOT_VALID', 'accountId and account: expected for OPEN_ACCOUNT');
  }
  if (rules.requiresSignature && !isSigned) {
    return refusedWhole(context, 'NOT_SIGNED', 'expected a signature made with COMMAND_SECRET');
  }
  const existing = state.accounts.get(accountId);
  if (existing?.obeyed.has(command.id)) return { accountIds: [accountId], refusal: null, isPartial: false };
  if (existing) return refusedWhole(context, 'NOT_ALLOWED', `account ${accountId} exists`);
  if (request.mode !== 'PAPER') return refusedWhole(context, 'NOT_ALLOWED', 'mode: expected PAPER (BROKER=paper)');
  recorder.record({
    type: 'ACCOUNT_OPENED',
    time: now,
    causedBy: command.id,
    account: newAccount(context, accountId, request),
    step: stepOf(accountId, now, 'ACCOUNT_OPENED'),
  });
  const opened = state.accounts.get(accountId);
  if (opened) {
    opened.openedByCommandAt = issuedAt(context);
    recorder.markChanged(opened);
  }
  return { accountIds: [accountId], refusal: null, isPartial: false };
}

function newAccount(
  { state, command, rules }: CommandContext,
  id: string,
  request: NonNullable<Command['account']>,
): Account {
  const settings = withSettings(rules.defaultSettings, command.settings ?? {});
  const zero = 0n as Account['cash'];
  return {
    id,
    userId: request.userId,
    name: request.name,
    mode: request.mode,
    feed: state.feed,
    status: 'RUNNING',
    statusChangedBy: null,
    statusReason: null,
    statusChangedAt: null,
    quoteCurrency: currenciesOf(settings.symbols[0] ?? '').quote,
    initialBalance: request.initialBalance,
    cash: request.initialBalance,
    balance: request.initialBalance,
    realizedPnl: zero,
    openEntryFees: zero,
    feesPaid: zero,
    settings,
    seq: 0,
    openTrades: 0,
    closedTrades: 0,
    wins: 0,
    losses: 0,
  };
}

/** A command that could concern no account. */
export function refusedWhole({ command, now }: CommandContext, code: RefusalCode, reason: string): CommandOutcome {
  const accountId = command.accountId ?? '';
  const step = stepOf(accountId, now, 'REFUSED', { tradeId: command.tradeId, error: reason, refusal: code });
  return { accountIds: command.accountId === null ? [] : [accountId], refusal: { reason, step }, isPartial: false };
}
