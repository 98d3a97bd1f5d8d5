/** How far a command is: steps come from events, the status from the steps. */
import type { TradingEvent, TradingEventType } from '../event/event.js';
import type { Price } from '../value/decimal.js';
import type { Instant } from '../value/instant.js';
import type { CommandAction } from './command.js';

export const COMMAND_STATUSES = ['SENT', 'STORED', 'RUNNING', 'PARTIAL', 'DONE', 'REFUSED', 'EXPIRED'] as const;
export type CommandStatus = (typeof COMMAND_STATUSES)[number];

export const COMMAND_STEP_KINDS = [
  'ACCOUNT_OPENED',
  'ENTRIES_BLOCKED',
  'POSITION_CLOSED',
  'CLOSE_FAILED',
  'FLAT',
  'STOPPED',
  'PAUSED',
  'RESUMED',
  'SETTINGS_CHANGED',
  'REFUSED',
] as const;
export type CommandStepKind = (typeof COMMAND_STEP_KINDS)[number];

/** Why a command was refused, for machines; `error` says it in words. */
export type RefusalCode = 'EXPIRED' | 'NOT_ALLOWED' | 'NOT_FOUND' | 'NOT_SIGNED' | 'NOT_VALID';

/** One step of a command, for one account and, where it concerns one, one position. */
export interface CommandStep {
  /** World time. */
  readonly time: Instant;
  readonly accountId: string;
  readonly kind: CommandStepKind;
  readonly tradeId: string | null;
  readonly symbol: string | null;
  readonly price: Price | null;
  readonly error: string | null;
  readonly refusal: RefusalCode | null;
}

const STEP_KINDS: Partial<Record<TradingEventType, readonly CommandStepKind[]>> = {
  ACCOUNT_OPENED: ['ACCOUNT_OPENED'],
  TRADING_STOPPING: ['ENTRIES_BLOCKED'],
  TRADE_CLOSED: ['POSITION_CLOSED'],
  CLOSE_FAILED: ['CLOSE_FAILED'],
  TRADING_STOPPED: ['FLAT', 'STOPPED'],
  TRADING_PAUSED: ['PAUSED'],
  TRADING_RESUMED: ['RESUMED'],
  SETTINGS_UPDATED: ['SETTINGS_CHANGED'],
  COMMAND_REFUSED: ['REFUSED'],
};

/** The steps that an event means for the command that caused it; none for events that a signal or a stop caused. */
export function stepsOf(event: TradingEvent): CommandStep[] {
  if (!event.step) return [];
  const base = event.step;
  return (STEP_KINDS[event.type] ?? []).map((kind) => ({ ...base, kind }));
}

const LAST_STEPS: Record<CommandAction, CommandStepKind> = {
  STOP_BOT: 'STOPPED',
  PAUSE_BOT: 'PAUSED',
  RESUME_BOT: 'RESUMED',
  CLOSE_POSITION: 'POSITION_CLOSED',
  UPDATE_SETTINGS: 'SETTINGS_CHANGED',
  OPEN_ACCOUNT: 'ACCOUNT_OPENED',
};

/** What the status of a command follows from. */
export interface CommandProgress {
  readonly action: CommandAction;
  readonly accountIds: readonly string[];
  readonly steps: readonly CommandStep[];
  /** False while it waits in the store because the bus is down. */
  readonly isPublished: boolean;
}

/**
 * SENT or STORED before the first step, then RUNNING; PARTIAL while a failed close is outstanding; DONE when every
 * account has its last event; REFUSED if all accounts refused, EXPIRED if all for age.
 */
export function commandStatus(command: CommandProgress): CommandStatus {
  const { steps } = command;
  if (steps.length === 0) return command.isPublished ? 'SENT' : 'STORED';
  const accountIds = command.accountIds.length > 0 ? command.accountIds : [...new Set(steps.map((s) => s.accountId))];
  const isFinal = (step: CommandStep) => step.kind === 'REFUSED' || step.kind === LAST_STEPS[command.action];
  const pending = accountIds.filter((id) => !steps.some((step) => step.accountId === id && isFinal(step)));
  if (pending.some((id) => hasFailedClose(steps, id))) return 'PARTIAL';
  if (pending.length > 0) return 'RUNNING';
  const finals = steps.filter(isFinal);
  if (finals.every((step) => step.refusal === 'EXPIRED')) return 'EXPIRED';
  return finals.every((step) => step.kind === 'REFUSED') ? 'REFUSED' : 'DONE';
}

function hasFailedClose(steps: readonly CommandStep[], accountId: string): boolean {
  const failed = new Set<string | null>();
  for (const step of steps) {
    if (step.accountId !== accountId) continue;
    if (step.kind === 'CLOSE_FAILED') failed.add(step.tradeId);
    if (step.kind === 'POSITION_CLOSED') failed.delete(step.tradeId);
  }
  return failed.size > 0;
}
