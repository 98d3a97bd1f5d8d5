/** Findings as lines for people. */
import type { Finding, State } from './finding.js';

const MARKS: Readonly<Record<State, string>> = { ok: 'ok    ', wrong: 'WRONG ', unknown: '?     ' };
const INDENT = '         ';

/** A line per finding; below each fault a line that says what to do. */
export function renderFindings(findings: readonly Finding[]): string {
  return findings.flatMap(linesOf).join('\n');
}

function linesOf({ name, state, detail, fault, fix, version, latencyMs }: Finding): string[] {
  const latency = latencyMs === null ? null : `${latencyMs} ms`;
  const facts = [fault ?? version, fault === null ? detail : null, latency].filter(
    (fact) => fact !== null && fact !== '',
  );
  const line = `${MARKS[state]} ${name}: ${facts.join(', ')}`;
  return fix === null ? [line] : [line, `${INDENT}do: ${fix}`];
}
