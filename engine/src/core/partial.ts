/**
 * Inputs that concern many accounts are taken in parts: a step stops before the next account once it is full, and the
 * same input goes on there in the next one, over crashes too, as the notes say how far it is.
 */
import type { PartialInput, PartialKind } from '@kairos/schema';
import { indexOf } from './market.js';
import type { Recorder } from './recorder.js';
import type { AccountState, EngineState } from './state.js';

/** What is taken in parts. */
export type PartialKey = Pick<PartialInput, 'kind' | 'id'>;

export interface Part {
  readonly state: EngineState;
  readonly recorder: Recorder;
  readonly input: PartialKey;
}

/** How far an input is; null when it has not been begun, or is finished. */
export function progressOf(state: EngineState, kind: PartialKind, id: string): PartialInput | null {
  return state.notes.partial.find((partial) => partial.kind === kind && partial.id === id) ?? null;
}

/**
 * Takes accounts until the step is full; true when some are left for the next step.
 *
 * @param accounts Those that the input concerns, in order of opening. One may leave the list while it is taken.
 */
export function takeInParts(
  { state, recorder, input }: Part,
  accounts: readonly AccountState[],
  take: (account: AccountState) => void,
): boolean {
  const { next, end } = progressOf(state, input.kind, input.id) ?? { next: 0, end: state.accounts.size };
  let left = next;
  for (let index = indexOf(accounts, next); index < accounts.length;) {
    const account = accounts[index]!;
    if (account.ordinal >= end) break;
    if (recorder.isFull()) {
      note(state, { ...input, next: left, end });
      return true;
    }
    take(account);
    left = account.ordinal + 1;
    if (accounts[index] === account) index += 1;
  }
  finish(state, input.kind, input.id);
  return false;
}

function note(state: EngineState, partial: PartialInput): void {
  finish(state, partial.kind, partial.id);
  state.notes = { ...state.notes, partial: [...state.notes.partial, partial] };
}

function finish(state: EngineState, kind: PartialKind, id: string): void {
  if (!progressOf(state, kind, id)) return;
  const partial = state.notes.partial.filter((other) => other.kind !== kind || other.id !== id);
  state.notes = { ...state.notes, partial };
}
