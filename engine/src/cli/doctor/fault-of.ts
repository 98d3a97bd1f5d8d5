/** From an error to its cause and its cure, a line each. */
import type { PortErrorCode } from '@kairos/ports';
import { isPortError } from '@kairos/ports';
import type { Outcome } from './finding.js';
import { wrong } from './finding.js';

/** Cures by what kind of failure it is; left out: one that fits any. */
export type Cures = Partial<Record<PortErrorCode, string>>;

const ANY_CURES: Cures = {
  UNAVAILABLE: 'Start it, or see why it does not answer',
  TIMEOUT: 'See whether it is overloaded or cut off',
  FENCED: 'Another process has taken over: end one of the two',
  CONFLICT: 'Set the configuration back to what is stored',
  CORRUPT: 'Do not go on with it: restore a back-up (docs/operating.md, "Back-up")',
  FULL: 'Free some space on its disk',
  INVALID: 'Correct the configuration as the line before says',
};

export function faultOf(error: unknown, cures: Cures = {}): Outcome {
  const text = oneLine(error instanceof Error ? error.message : String(error));
  if (!isPortError(error)) return wrong(text, 'Correct what the line before names');
  return wrong(text, cures[error.code] ?? ANY_CURES[error.code] ?? 'Try again');
}

export const oneLine = (text: string): string => text.replace(/\s*\n\s*/g, '; ');
