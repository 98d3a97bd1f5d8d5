/** What a command does: exactly one last event per account that it concerns, refusals included. */
import type { Account, Command, CommandStep, Instant, RefusalCode, TradingStatus } from '@kairos/schema';
import { assert, currenciesOf, withSettings } from '@kairos/schema';
import { closing, newestPrice } from '../matching/close.js';
import { progressOf, takeInParts } from '../partial.js';
import type { Draft, Recorder } from '../recorder.js';
import type { TradingRules } from '../rules.js';
import type { AccountState, EngineState } from '../state.js';
import { accountsFrom } from '../state.js';

export interface CommandInput {
  readonly command: Command;
  /** Carries a signature that is right. */
  readonly isSigned: boolean;
  /** World time. */
  readonly now: Instant;
  readonly wall: Instant;
  readonly rules: TradingRules;
}

/** What became of a command as a whole. */
export interface CommandOutcome {
  /** The accounts that it concerned. */
  readonly accountIds: readonly string[];
  /** Why it could concern none: it goes to the dead letter, and its step is the refusal. */
  readonly refusal: { readonly reason: string; readonly step: CommandStep } | null;
  /** Accounts are left for the next step. */
  readonly isPartial: boolean;
}

interface Context extends CommandInput {
  readonly state: EngineState;
  readonly recorder: Recorder;
}

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
function obeyByAll(context: Context): CommandOutcome {
  const { state, recorder, command, isSigned } = context;
  const { action, id } = command;
  assert(action !== 'OPEN_ACCOUNT', 'an account is opened alone');
  const input = { kind: isSigned ? ('COMMAND' as const) : ('UNSIGNED_COMMAND' as const), id };
  const end = progressOf(state, input.kind, id)?.end ?? state.accounts.size;
  const accountIds = [...state.accounts.keys()].slice(0, end);
  const isPartial = takeInParts(
    { state, recorder, input },
    (from) => accountsFrom(state, from),
    (account) => obey(context, action, account),
  );
  return { accountIds, refusal: null, isPartial };
}

/** Once per id and account. */
function obey(context: Context, action: keyof typeof HANDLERS, account: AccountState): void {
  if (account.obeyed.has(context.command.id)) return;
  const refusal = whyRefused(context, account);
  if (refusal) refuse(context, account, refusal);
  else HANDLERS[action](context, account);
}

interface Refusal {
  readonly code: RefusalCode;
  readonly reason: string;
}

function whyRefused(context: Context, account: AccountState): Refusal | null {
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

type Handler = (context: Context, account: AccountState) => void;

const HANDLERS: Record<Exclude<Command['action'], 'OPEN_ACCOUNT'>, Handler> = {
  STOP_BOT: stop,
  PAUSE_BOT: pause,
  RESUME_BOT: resume,
  CLOSE_POSITION: closePosition,
  UPDATE_SETTINGS: updateSettings,
};

function stop(context: Context, account: AccountState): void {
  const { state, command, now } = context;
  if (account.account.status !== 'STOPPED') {
    record(context, account, { type: 'TRADING_STOPPING', account: withStatus(context, account, 'STOPPING') });
    for (const trade of [...account.openTrades.values()]) {
      const price = newestPrice(state, trade, now);
      const exit = { trade, price: price.price, reason: 'PANIC' as const, now, commandId: command.id };
      record(context, account, { ...closing(account, exit), price });
    }
    record(context, account, { type: 'TRADING_STOPPED', account: { ...account.account, status: 'STOPPED' } });
    return;
  }
  record(context, account, { type: 'TRADING_STOPPED', account: account.account });
}

function pause(context: Context, account: AccountState): void {
  const { status } = account.account;
  if (status === 'STOPPING' || status === 'STOPPED') {
    refuse(context, account, { code: 'NOT_ALLOWED', reason: `an account that is ${status} cannot be paused` });
    return;
  }
  const next = status === 'PAUSED' ? account.account : withStatus(context, account, 'PAUSED');
  record(context, account, { type: 'TRADING_PAUSED', account: next });
}

function resume(context: Context, account: AccountState): void {
  const { status } = account.account;
  if (status === 'STOPPING') {
    refuse(context, account, { code: 'NOT_ALLOWED', reason: 'an account that is STOPPING cannot be resumed yet' });
    return;
  }
  const time = issuedAt(context);
  if (account.resumedByCommandAt === null || time > account.resumedByCommandAt) {
    account.resumedByCommandAt = time;
    context.recorder.markChanged(account);
  }
  const next = status === 'RUNNING' ? account.account : withStatus(context, account, 'RUNNING');
  record(context, account, { type: 'TRADING_RESUMED', account: next });
}

/** A clock that is ahead, or a forged time, must not make the STOP_BOTs that follow look old. */
const issuedAt = ({ command, wall }: Context): Instant => (command.time < wall ? command.time : wall);

function closePosition(context: Context, account: AccountState): void {
  const { state, command, now } = context;
  const trade = [...account.openTrades.values()].find((candidate) => candidate.id === command.tradeId);
  if (!trade) {
    refuse(context, account, { code: 'NOT_FOUND', reason: `no open trade ${command.tradeId}` });
    return;
  }
  const price = newestPrice(state, trade, now);
  const exit = { trade, price: price.price, reason: 'MANUAL' as const, now, commandId: command.id };
  record(context, account, { ...closing(account, exit), price });
}

function updateSettings(context: Context, account: AccountState): void {
  const settings = withSettings(account.account.settings, context.command.settings ?? {});
  record(context, account, { type: 'SETTINGS_UPDATED', account: { ...account.account, settings } });
}

function refuse(context: Context, account: AccountState, refusal: Refusal): void {
  record(context, account, { type: 'COMMAND_REFUSED', account: account.account }, refusal);
}

function record(
  { recorder, command, now }: Context,
  account: AccountState,
  draft: Omit<Draft, 'time' | 'causedBy' | 'step' | 'type'> & { readonly type: CommandEventType },
  refusal: Refusal | null = null,
): void {
  const trade = draft.trade?.(0) ?? null;
  const step = stepOf(account.account.id, now, {
    kind: STEP_OF[draft.type],
    tradeId: trade?.id ?? (refusal ? command.tradeId : null),
    symbol: trade?.symbol ?? null,
    price: trade?.exitPrice ?? null,
    error: refusal?.reason ?? null,
    refusal: refusal?.code ?? null,
  });
  recorder.record({ ...draft, time: now, causedBy: command.id, step });
}

/** The step that an event carries; TRADING_STOPPED also means FLAT (`stepsOf`). */
const STEP_OF = {
  TRADE_CLOSED: 'POSITION_CLOSED',
  TRADING_STOPPING: 'ENTRIES_BLOCKED',
  TRADING_STOPPED: 'STOPPED',
  TRADING_PAUSED: 'PAUSED',
  TRADING_RESUMED: 'RESUMED',
  SETTINGS_UPDATED: 'SETTINGS_CHANGED',
  COMMAND_REFUSED: 'REFUSED',
} as const satisfies Partial<Record<Draft['type'], CommandStep['kind']>>;

type CommandEventType = keyof typeof STEP_OF;

const stepOf = (accountId: string, time: Instant, step: Omit<CommandStep, 'accountId' | 'time'>): CommandStep => ({
  time,
  accountId,
  ...step,
});

function withStatus({ command, now }: Context, { account }: AccountState, status: TradingStatus): Account {
  return {
    ...account,
    status,
    statusChangedBy: command.issuedBy,
    statusReason: command.reason,
    statusChangedAt: now,
  };
}

function openAccount(context: Context): CommandOutcome {
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
    step: stepOf(accountId, now, {
      kind: 'ACCOUNT_OPENED',
      tradeId: null,
      symbol: null,
      price: null,
      error: null,
      refusal: null,
    }),
  });
  const opened = state.accounts.get(accountId);
  if (opened) {
    opened.openedByCommandAt = issuedAt(context);
    recorder.markChanged(opened);
  }
  return { accountIds: [accountId], refusal: null, isPartial: false };
}

function newAccount({ state, command, rules }: Context, id: string, request: NonNullable<Command['account']>): Account {
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

function refusedWhole({ command, now }: Context, code: RefusalCode, reason: string): CommandOutcome {
  const accountId = command.accountId ?? '';
  const step = stepOf(accountId, now, {
    kind: 'REFUSED',
    tradeId: command.tradeId,
    symbol: null,
    price: null,
    error: reason,
    refusal: code,
  });
  return { accountIds: command.accountId === null ? [] : [accountId], refusal: { reason, step }, isPartial: false };
}
