/** What people are told of a run. */
import type { Failure, Verdict } from '../run-seed.js';
import type { FailureKind } from '../violation.js';

/** Exit codes, the gravest first. */
export const EXIT = { crash: 3, safety: 4, liveness: 5 } as const satisfies Record<FailureKind, number>;
export const EXIT_USAGE = 2;
export const EXIT_NOT_REPLAYED = 6;

/** The exit code of a run: of its gravest failure. */
export function exitCodeOf(failures: readonly Verdict[]): number {
  const codes = failures.map(({ failure }) => (failure ? EXIT[failure.kind] : 0)).filter((code) => code > 0);
  return codes.length === 0 ? 0 : Math.min(...codes);
}

/** A failure in one line. */
export const lineOf = ({ seed, failure }: Verdict): string =>
  failure ? `seed ${seed}: ${failure.kind}, ${failure.rule}` : `seed ${seed}: every rule held`;

/** A failure as a story: what happened last, what was expected and found, and how to see it again. */
export function storyOf(seed: number, { kind, rule, expected, found, story }: Failure): string {
  return [
    `seed ${seed}: ${kind}, the rule ${rule} does not hold`,
    ...story.map((line) => `  ${line}`),
    `  expected  ${expected}`,
    `  found     ${found}`,
    `see it again: npm run sim -- --seed=${seed}`,
  ].join('\n');
}
