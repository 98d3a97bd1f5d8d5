/** What the handlers of commands share: what they are given, and how what they do is written down. */
import type { Account, Command, CommandStep, Instant, RefusalCode, TradingStatus } from '@kairos/schema';
import type { Draft, Recorder } from '../recorder.js';
import type { TradingRules } from '../rules.js';
import type { AccountState, EngineState } from '../state.js';

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

export interface CommandContext extends CommandInput {
  readonly state: EngineState;
  readonly recorder: Recorder;
}

export interface Refusal {
  readonly code: RefusalCode;
  readonly reason: string;
}

/** The step that an event carries; TRADING_STOPPED also means FLAT (`stepsOf`). */
const STEP_OF = {
  TRADE_CLOSED: 'POSITION_CLOSED',
  CLOSE_FAILED: 'CLOSE_FAILED',
  TRADING_STOPPING: 'ENTRIES_BLOCKED',
  TRADING_STOPPED: 'STOPPED',
  TRADING_PAUSED: 'PAUSED',
  TRADING_RESUMED: 'RESUMED',
  SETTINGS_UPDATED: 'SETTINGS_CHANGED',
  COMMAND_REFUSED: 'REFUSED',
} as const satisfies Partial<Record<Draft['type'], CommandStep['kind']>>;

type CommandEventType = keyof typeof STEP_OF;

/** An event that a command causes, before it has its step. */
export type CommandDraft = Omit<Draft, 'time' | 'causedBy' | 'step' | 'type'> & { readonly type: CommandEventType };

/** What a step of a command tells beside its kind; all null unless told. */
export type StepDetail = Partial<Omit<CommandStep, 'time' | 'accountId' | 'kind'>>;

/** Writes down an event of an account with the step that it means for the command that caused it. */
export function recordFor(
  recorder: Recorder,
  cause: { readonly commandId: string; readonly now: Instant },
  { draft, detail }: { readonly draft: CommandDraft; readonly detail?: StepDetail },
): void {
  const trade = draft.trade ?? null;
  const step = stepOf(draft.account.id, cause.now, STEP_OF[draft.type], {
    tradeId: trade?.id ?? null,
    symbol: trade?.symbol ?? null,
    price: trade?.exitPrice ?? null,
    ...detail,
  });
  recorder.record({ ...draft, time: cause.now, causedBy: cause.commandId, step });
}

/** Writes down an event that the command in hand causes. */
export const record = ({ recorder, command, now }: CommandContext, draft: CommandDraft, detail?: StepDetail): void =>
  recordFor(recorder, { commandId: command.id, now }, { draft, ...(detail && { detail }) });

export function refuse(context: CommandContext, { account }: AccountState, { code, reason }: Refusal): void {
  const detail = { tradeId: context.command.tradeId, error: reason, refusal: code };
  record(context, { type: 'COMMAND_REFUSED', account }, detail);
}

/** A step of a command for one account. */
export const stepOf = (
  accountId: string,
  time: Instant,
  kind: CommandStep['kind'],
  detail: StepDetail = {},
): CommandStep => ({
  time,
  accountId,
  kind,
  tradeId: null,
  symbol: null,
  price: null,
  error: null,
  refusal: null,
  ...detail,
});

/** The account in a status that the command brings it into. */
export function withStatus(
  { command, now }: CommandContext,
  { account }: AccountState,
  status: TradingStatus,
): Account {
  return {
    ...account,
    status,
    statusChangedBy: command.issuedBy,
    statusReason: command.reason,
    statusChangedAt: now,
  };
}

/** A clock that is ahead, or a forged time, must not make the STOP_BOTs that follow look old. */
export const issuedAt = ({ command, wall }: CommandContext): Instant => (command.time < wall ? command.time : wall);
