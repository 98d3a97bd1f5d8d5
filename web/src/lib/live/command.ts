/** How far a command is. A frame never takes back what an earlier one told. */
import type { Command, CommandStep } from '../api/fragments.js';

const RANK: Record<Command['status'], number> = {
  STORED: 0,
  SENT: 1,
  RUNNING: 2,
  PARTIAL: 2,
  DONE: 3,
  REFUSED: 3,
  EXPIRED: 3,
};

/** The command after another look at it; the same one when that look is older. */
export function reduceCommand(known: Command | null, seen: Command): Command {
  if (!known || known.id !== seen.id) return seen;
  if (seen.steps.length !== known.steps.length) return seen.steps.length > known.steps.length ? seen : known;
  return RANK[seen.status] >= RANK[known.status] ? seen : known;
}

/** Nothing more will follow. */
export const isSettled = (command: Command): boolean => RANK[command.status] === 3;

/** A failed close that no later close of the same trade has made good. */
export function openFailures(command: Command): CommandStep[] {
  const closed = new Set(command.steps.filter((step) => step.kind === 'POSITION_CLOSED').map((step) => step.tradeId));
  return command.steps.filter((step) => step.kind === 'CLOSE_FAILED' && !closed.has(step.tradeId));
}
