/** A rule that did not hold. */

/** What kind of failure ends a run: the exit code of `npm run sim` follows from it. */
export type FailureKind = 'crash' | 'safety' | 'liveness';

/** A broken rule: its name, what it asks for and what was found instead. */
export class Violation extends Error {
  override readonly name = 'Violation';

  constructor(
    readonly rule: string,
    readonly expected: string,
    readonly found: string,
    readonly kind: FailureKind = 'safety',
  ) {
    super(`${rule}: expected ${expected}, found ${found}`);
  }
}

/** Throws unless it holds. Texts are made only when it does not. */
export function holds(condition: boolean, rule: string, tell: () => readonly [expected: string, found: string]): void {
  if (condition) return;
  const [expected, found] = tell();
  throw new Violation(rule, expected, found);
}
