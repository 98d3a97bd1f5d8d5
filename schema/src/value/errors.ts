/** Text or data that is not the value it should be. The message names what was expected and what was found. */
export class ValueError extends Error {
  override readonly name = 'ValueError';

  constructor(
    readonly expected: string,
    readonly found: unknown,
  ) {
    super(`expected ${expected}, found ${describe(found)}`);
  }
}

/** Longest piece of a bad value that a message repeats. */
const FOUND_LENGTH_MAX = 60;

/** Stands for a bad value that must not be repeated, such as a secret. */
export const UNTOLD: unique symbol = Symbol('untold');

/** A bad value in words, short enough for a log line. */
export function describe(found: unknown): string {
  if (found === undefined) return 'nothing';
  if (found === UNTOLD) return 'something else (not repeated here)';
  if (typeof found === 'string') return JSON.stringify(cut(found));
  if (typeof found === 'number' || typeof found === 'bigint' || typeof found === 'boolean') return String(found);
  if (found === null) return 'null';
  return Array.isArray(found) ? 'a list' : `a value of type ${typeof found}`;
}

function cut(text: string): string {
  return text.length > FOUND_LENGTH_MAX ? `${text.slice(0, FOUND_LENGTH_MAX)}…` : text;
}

/** States a rule that the code relies on; stays on in production. Throws with the rule in words when it is broken. */
export function assert(isTrue: boolean, rule: string): asserts isTrue {
  if (!isTrue) throw new Error(`broken rule: ${rule}`);
}
