/** A rule that did not hold. */
import type { RuleName } from './rules.js';
import { RULES } from './rules.js';

/** What kind of failure ends a run: the exit code of `npm run sim` follows from it. */
export type FailureKind = 'crash' | 'safety' | 'liveness';

/** A broken rule: its name, what it asks for and what was found instead. */
export class Violation extends Error {
  override readonly name = 'Violation';

  constructor(
    readonly rule: RuleName,
    readonly expected: string,
    readonly found: string,
  ) {
    super(`${rule}: expected ${expected}, found ${found}`);
  }

  get kind(): FailureKind {
    return RULES[this.rule].kind;
  }
}

/** Throws unless it holds. Texts are made only when it does not. */
export function holds(
  condition: boolean,
  rule: RuleName,
  tell: () => readonly [expected: string, found: string],
): void {
  if (condition) return;
  const [expected, found] = tell();
  throw new Violation(rule, expected, found);
}
