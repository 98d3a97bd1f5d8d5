import type { AccountMode } from '../trading/account.js';
import type { SettingsPatch } from '../trading/settings.js';
import type { Money } from '../value/decimal.js';
import type { Instant } from '../value/instant.js';

export const COMMAND_ACTIONS = [
  'STOP_BOT',
  'PAUSE_BOT',
  'RESUME_BOT',
  'CLOSE_POSITION',
  'UPDATE_SETTINGS',
  'OPEN_ACCOUNT',
] as const;
export type CommandAction = (typeof COMMAND_ACTIONS)[number];

/** The account that an OPEN_ACCOUNT asks for. */
export interface AccountRequest {
  readonly name: string;
  readonly mode: AccountMode;
  readonly initialBalance: Money;
  readonly userId: string;
}

/** What someone asks of the engine. */
export interface Command {
  readonly id: string;
  readonly action: CommandAction;
  /** Null = every account. */
  readonly accountId: string | null;
  /** Of CLOSE_POSITION. */
  readonly tradeId: string | null;
  /** Of UPDATE_SETTINGS; of OPEN_ACCOUNT where it differs from the defaults. */
  readonly settings: SettingsPatch | null;
  /** Of OPEN_ACCOUNT. */
  readonly account: AccountRequest | null;
  readonly issuedBy: string | null;
  readonly reason: string | null;
  /** Wall time of issue. */
  readonly time: Instant;
  /** Hex HMAC-SHA256 over the canonical JSON of the message without it. */
  readonly signature: string | null;
}

export const NAME_LENGTH_MAX = 100;
export const REASON_LENGTH_MAX = 500;
