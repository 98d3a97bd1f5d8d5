import { describe, expect, it } from 'vitest';
import { bytesOf, closedEventMessage, panicEventMessage } from '../../fixtures/index.js';
import type { TradingEvent } from '../event/event.js';
import type { Instant } from '../value/instant.js';
import { decodeTradingEvent } from '../wire/trades.js';
import type { CommandAction } from './command.js';
import type { CommandStatus, CommandStep, CommandStepKind, RefusalCode } from './progress.js';
import { commandStatus, stepsOf } from './progress.js';

const TIME = 1_723_075_260_000 as Instant;

/** `a STOPPED`, `a CLOSE_FAILED t1`, `a REFUSED EXPIRED`: account, kind, and the trade or why it was refused. */
function step(text: string): CommandStep {
  const [accountId = '', kind, detail = null] = text.split(' ');
  const isRefusal = kind === 'REFUSED';
  return {
    time: TIME,
    accountId,
    kind: kind as CommandStepKind,
    tradeId: isRefusal ? null : detail,
    symbol: null,
    price: null,
    error: null,
    refusal: isRefusal ? ((detail ?? 'NOT_ALLOWED') as RefusalCode) : null,
  };
}

const statusOf = (action: CommandAction, accounts: string, steps: readonly string[], isPublished = true) =>
  commandStatus({
    action,
    accountIds: accounts.split(' ').filter((id) => id !== ''),
    steps: steps.map(step),
    isPublished,
  });

describe('the status of a command', () => {
  it.each<[string, CommandAction, string, string[], CommandStatus]>([
    ['nothing has come back', 'STOP_BOT', 'a', [], 'SENT'],
    ['entries are blocked', 'STOP_BOT', 'a', ['a ENTRIES_BLOCKED'], 'RUNNING'],
    ['one of two positions is closed', 'STOP_BOT', 'a', ['a ENTRIES_BLOCKED', 'a POSITION_CLOSED t1'], 'RUNNING'],
    ['a close has failed', 'STOP_BOT', 'a', ['a ENTRIES_BLOCKED', 'a CLOSE_FAILED t1'], 'PARTIAL'],
    ['another position closed since', 'STOP_BOT', 'a', ['a CLOSE_FAILED t1', 'a POSITION_CLOSED t2'], 'PARTIAL'],
    ['the failed one closed since', 'STOP_BOT', 'a', ['a CLOSE_FAILED t1', 'a POSITION_CLOSED t1'], 'RUNNING'],
    ['the account is flat and stopped', 'STOP_BOT', 'a', ['a FLAT', 'a STOPPED'], 'DONE'],
    ['one of two accounts is stopped', 'STOP_BOT', 'a b', ['a FLAT', 'a STOPPED'], 'RUNNING'],
    ['one stopped, the other failing', 'STOP_BOT', 'a b', ['a STOPPED', 'b CLOSE_FAILED t1'], 'PARTIAL'],
    [
      'one failed before it stopped',
      'STOP_BOT',
      'a',
      ['a CLOSE_FAILED t1', 'a POSITION_CLOSED t1', 'a STOPPED'],
      'DONE',
    ],
    ['both stopped', 'STOP_BOT', 'a b', ['a STOPPED', 'b STOPPED'], 'DONE'],
    ['one stopped, one refused', 'STOP_BOT', 'a b', ['a STOPPED', 'b REFUSED'], 'DONE'],
    ['both refused', 'PAUSE_BOT', 'a b', ['a REFUSED', 'b REFUSED'], 'REFUSED'],
    ['both too old', 'PAUSE_BOT', 'a b', ['a REFUSED EXPIRED', 'b REFUSED EXPIRED'], 'EXPIRED'],
    ['one too old, one refused', 'PAUSE_BOT', 'a b', ['a REFUSED EXPIRED', 'b REFUSED'], 'REFUSED'],
    ['keyless, one account stopped', 'STOP_BOT', '', ['a STOPPED'], 'DONE'],
    ['keyless, one of those heard of stopped', 'STOP_BOT', '', ['a STOPPED', 'b ENTRIES_BLOCKED'], 'RUNNING'],
    ['paused', 'PAUSE_BOT', 'a', ['a PAUSED'], 'DONE'],
    ['resumed', 'RESUME_BOT', 'a', ['a RESUMED'], 'DONE'],
    ['the position closed', 'CLOSE_POSITION', 'a', ['a POSITION_CLOSED t1'], 'DONE'],
    ['the close failed', 'CLOSE_POSITION', 'a', ['a CLOSE_FAILED t1'], 'PARTIAL'],
    ['settings changed', 'UPDATE_SETTINGS', 'a', ['a SETTINGS_CHANGED'], 'DONE'],
    ['account opened', 'OPEN_ACCOUNT', 'a', ['a ACCOUNT_OPENED'], 'DONE'],
    ['no such account', 'STOP_BOT', 'x', ['x REFUSED NOT_FOUND'], 'REFUSED'],
  ])('when %s (%s) is right', (_name, action, accounts, steps, status) => {
    expect(statusOf(action, accounts, steps)).toBe(status);
  });

  it('is STORED while it waits in the store, until its first step', () => {
    expect(statusOf('STOP_BOT', 'a', [], false)).toBe('STORED');
    expect(statusOf('STOP_BOT', 'a', ['a ENTRIES_BLOCKED'], false)).toBe('RUNNING');
  });
});

describe('the steps of an event', () => {
  const event = (message: object): TradingEvent => {
    const decoded = decodeTradingEvent(bytesOf({ message: message as never }));
    if (!decoded.ok) throw new Error(decoded.error.reason);
    return decoded.value;
  };

  it.each([
    ['ACCOUNT_OPENED', ['ACCOUNT_OPENED']],
    ['TRADING_STOPPING', ['ENTRIES_BLOCKED']],
    ['TRADE_CLOSED', ['POSITION_CLOSED']],
    ['CLOSE_FAILED', ['CLOSE_FAILED']],
    ['TRADING_STOPPED', ['FLAT', 'STOPPED']],
    ['TRADING_PAUSED', ['PAUSED']],
    ['TRADING_RESUMED', ['RESUMED']],
    ['SETTINGS_UPDATED', ['SETTINGS_CHANGED']],
    ['COMMAND_REFUSED', ['REFUSED']],
    ['TRADE_OPENED', []],
    ['SIGNAL_DECIDED', []],
  ])('%s mean %j for the command that caused it', (type, kinds) => {
    expect(stepsOf(event({ ...panicEventMessage, type })).map((one) => one.kind)).toEqual(kinds);
  });

  it('are none where a signal caused it', () => {
    expect(stepsOf(event(closedEventMessage))).toEqual([]);
  });
});
