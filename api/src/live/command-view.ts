/** A command with everything that is known of it: what was asked, its steps so far and its status. */
import type { Command, CommandStatus, CommandStep, Instant } from '@kairos/schema';

export interface CommandView {
  readonly command: Command;
  readonly accountIds: readonly string[];
  readonly status: CommandStatus;
  readonly steps: readonly CommandStep[];
  /** Wall time. */
  readonly sentAt: Instant;
}
