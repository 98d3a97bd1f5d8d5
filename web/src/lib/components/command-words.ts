/** How a command ended, in words for a note. */
import type { Command } from '../api/fragments.js';
import { showDecimal } from '../format/decimal.js';
import { explainStep } from '../format/explain.js';
import type { Tone } from '../ui/toasts.svelte.js';

/** Words and tone; `what` names the deed, such as `Closing BTCUSDT`. */
export function describeEnd(command: Command, what: string): [text: string, tone: Tone] {
  const last = command.steps.at(-1);
  const words = last ? explainStep(last, showDecimal(last.price)) : null;
  if (command.status === 'DONE') return [words ?? `${what}: done`, 'good'];
  if (command.status === 'EXPIRED') return [`${what}: it came too late and was not obeyed`, 'bad'];
  return [`${what}: ${words ?? 'refused'}`, 'bad'];
}
