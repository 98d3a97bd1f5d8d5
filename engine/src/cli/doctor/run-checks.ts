/** Runs checks side by side, each with its own time limit: one that hangs holds up no other. */
import type { Clock } from '@kairos/ports';
import { LATE, orLate, redactText } from '@kairos/ports';
import { faultOf } from './fault-of.js';
import type { Check, Finding, Outcome } from './finding.js';
import { wrong } from './finding.js';

/** Findings in the order of the checks; never rejects. */
export function runChecks(checks: readonly Check[], clock: Clock): Promise<readonly Finding[]> {
  return Promise.all(
    checks.map(async (check) => withoutSecrets({ name: check.name, ...(await outcomeOf(check, clock)) })),
  );
}

async function outcomeOf(check: Check, clock: Clock): Promise<Outcome> {
  try {
    const outcome = await orLate(clock, check.limitMs, check.run());
    if (outcome !== LATE) return outcome;
    return wrong(`no answer within ${check.limitMs / 1_000} s`, 'See whether it is overloaded or cut off');
  } catch (error) {
    return faultOf(error);
  }
}

/** Secrets are never asked for; this is the second line of defence, against what drivers put into their errors. */
const withoutSecrets = (finding: Finding): Finding => ({
  ...finding,
  detail: redactText(finding.detail),
  fault: finding.fault === null ? null : redactText(finding.fault),
});
