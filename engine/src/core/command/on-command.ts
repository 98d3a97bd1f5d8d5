/** What a command does: exactly one last event per account that it concerns, refusals included. */
import type { Command } from '@kairos/schema';
import { assert } from '@kairos/schema';
import { progressOf, takeInParts } from '../partial.js';
import type { Recorder } from '../recorder.js';
import type { AccountState, EngineState } from '../state.js';
import type { CommandContext, CommandInput, CommandOutcome, Refusal } from './context.js';
import { refuse } from './context.js';
import { HANDLERS } from './handlers.js';
import { openAccount, refusedWhole } from './open-account.js';

/** Takes a command; null when it concerns an account that falls to another engine. */
export function onCommand(state: EngineState, recorder: Recorder, input: CommandInput): CommandOutcome | null {
  const context = { ...input, state, recorder };
  const { command, rules } = input;
  const accountId = accountOf(command);
  if (accountId === null) return obeyByAll(context);
  const account = state.accounts.get(accountId);
  if (!account && !rules.ownsAccount(accountId)) return null;
  if (command.action === 'OPEN_ACCOUNT') return openAccount(context);
  if (!account) {
    return refusedWhole(context, 'NOT_FOUND', `no account ${command.accountId ?? `of trade ${command.tradeId}`}`);
  }
  obey(context, command.action, account);
  return { accountIds: [account.account.id], refusal: null, isPartial: false };
}

/** The one account that a command concerns, '' where it names none but should; null = every account. */
function accountOf({ action, accountId, tradeId }: Command): string | null {
  if (accountId !== null) return accountId;
  if (action === 'CLOSE_POSITION') return tradeId?.split(':')[0] ?? '';
  return action === 'OPEN_ACCOUNT' ? '' : null;
}

/** A command without an account concerns those that exist when it is begun. */
function obeyByAll(context: CommandContext): CommandOutcome {
  const { state, recorder, command, isSigned } = context;
  const { action, id } = command;
  assert(action !== 'OPEN_ACCOUNT', 'an account is opened alone');
  const input = { kind: isSigned ? ('COMMAND' as const) : ('UNSIGNED_COMMAND' as const), id };
  const end = progressOf(state, input.kind, id)?.end ?? state.accounts.size;
  const accountIds = state.accountsInOrder.slice(0, end).map(({ account }) => account.id);
  const isPartial = takeInParts({ state, recorder, input }, state.accountsInOrder, (account) =>
    obey(context, action, account),
  );
  return { accountIds, refusal: null, isPartial };
}

/** Once per id and account. */
function obey(context: CommandContext, action: keyof typeof HANDLERS, account: AccountState): void {
  if (account.obeyed.has(context.command.id)) return;
  const refusal = whyRefused(context, account);
  if (refusal) refuse(context, account, refusal);
  else HANDLERS[action](context, account);
}

function whyRefused(context: CommandContext, account: AccountState): Refusal | null {
  const { command, isSigned, wall, rules } = context;
  if (command.action === 'STOP_BOT') return whyNotConcerned(command, account);
  if (rules.requiresSignature && !isSigned) {
    return { code: 'NOT_SIGNED', reason: 'expected a signature made with COMMAND_SECRET' };
  }
  const ageMs = wall - command.time;
  if (ageMs <= rules.commandAgeMaxMs) return null;
  return {
    code: 'EXPIRED',
    reason: `the command is ${Math.round(ageMs / 1_000)} s old, at most ${rules.commandAgeMaxMs / 1_000} s are allowed`,
  };
}

/** A STOP_BOT is obeyed however old, except by an account opened, or resumed by a command issued, after it. */
function whyNotConcerned(command: Command, account: AccountState): Refusal | null {
  if (account.openedByCommandAt > command.time) {
    return { code: 'NOT_ALLOWED', reason: 'the account was opened after the command was issued' };
  }
  if (account.resumedByCommandAt !== null && account.resumedByCommandAt > command.time) {
    return { code: 'NOT_ALLOWED', reason: 'the account was resumed after the command was issued' };
  }
  return null;
}
