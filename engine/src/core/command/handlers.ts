/** What each command does to an account that is there. */
import type { Command, Instant } from '@kairos/schema';
import { withSettings } from '@kairos/schema';
import { closeByCommand, takeOverClosings } from '../order/closings.js';
import type { AccountState } from '../state.js';
import type { CommandContext } from './context.js';
import { issuedAt, record, refuse, withStatus } from './context.js';

type Handler = (context: CommandContext, account: AccountState) => void;

export const HANDLERS: Record<Exclude<Command['action'], 'OPEN_ACCOUNT'>, Handler> = {
  STOP_BOT: stop,
  PAUSE_BOT: pause,
  RESUME_BOT: resume,
  CLOSE_POSITION: closePosition,
  UPDATE_SETTINGS: updateSettings,
};

/**
 * Blocks entries; what is open is closed by the step that follows the commit of this one. The first STOP_BOT says who
 * stopped the account and why; each of them is answered when it is flat.
 */
function stop(context: CommandContext, account: AccountState): void {
  const { status } = account.account;
  account.stoppedByCommandAt = later(context, account, account.stoppedByCommandAt);
  if (status === 'STOPPED') {
    record(context, { type: 'TRADING_STOPPED', account: account.account });
    return;
  }
  const stopping = status === 'STOPPING' ? account.account : withStatus(context, account, 'STOPPING');
  record(context, { type: 'TRADING_STOPPING', account: stopping });
  if (status !== 'STOPPING') takeOverClosings(context, account, context.command.id);
  if (account.openTrades.size > 0) return;
  record(context, { type: 'TRADING_STOPPED', account: { ...account.account, status: 'STOPPED' } });
}

/** When the command in hand was issued, unless what is known is later. */
function later(context: CommandContext, account: AccountState, known: Instant | null): Instant {
  const time = issuedAt(context);
  if (known !== null && known >= time) return known;
  context.recorder.markChanged(account);
  return time;
}

function pause(context: CommandContext, account: AccountState): void {
  const { status } = account.account;
  if (status === 'STOPPING' || status === 'STOPPED') {
    refuse(context, account, { code: 'NOT_ALLOWED', reason: `an account that is ${status} cannot be paused` });
    return;
  }
  const next = status === 'PAUSED' ? account.account : withStatus(context, account, 'PAUSED');
  record(context, { type: 'TRADING_PAUSED', account: next });
}

/** A command to resume that was on its way when the account was stopped does not undo that. */
function resume(context: CommandContext, account: AccountState): void {
  const { status } = account.account;
  if (status === 'STOPPING') {
    refuse(context, account, { code: 'NOT_ALLOWED', reason: 'an account that is STOPPING cannot be resumed yet' });
    return;
  }
  if (account.stoppedByCommandAt !== null && account.stoppedByCommandAt > context.command.time) {
    refuse(context, account, { code: 'NOT_ALLOWED', reason: 'the account was stopped after the command was issued' });
    return;
  }
  account.resumedByCommandAt = later(context, account, account.resumedByCommandAt);
  const next = status === 'RUNNING' ? account.account : withStatus(context, account, 'RUNNING');
  record(context, { type: 'TRADING_RESUMED', account: next });
}

function closePosition(context: CommandContext, account: AccountState): void {
  const { tradeId } = context.command;
  const trade = account.openTrades.values().find((candidate) => candidate.id === tradeId);
  if (!trade) {
    refuse(context, account, { code: 'NOT_FOUND', reason: `no open trade ${tradeId}` });
  } else if (account.account.status === 'STOPPING' || account.closings.has(trade.id)) {
    refuse(context, account, { code: 'NOT_ALLOWED', reason: `trade ${tradeId} is being closed already` });
  } else {
    closeByCommand(context, { account, trade, commandId: context.command.id });
  }
}

function updateSettings(context: CommandContext, account: AccountState): void {
  const settings = withSettings(account.account.settings, context.command.settings ?? {});
  record(context, { type: 'SETTINGS_UPDATED', account: { ...account.account, settings } });
}
