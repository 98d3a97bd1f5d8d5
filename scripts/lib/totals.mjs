/** True totals over several runs of vitest, from the reports of its JSON reporter. */

/** Passed, failed and skipped tests of one report; a file that could not even be loaded counts as a failed test. */
export function totalsOf(report) {
  const files = report.testResults ?? [];
  const results = files.flatMap((file) => file.assertionResults.map((result) => result.status));
  const countOf = (...statuses) => results.filter((status) => statuses.includes(status)).length;
  const unloaded = files.filter((file) => file.status === 'failed' && !hasFailure(file)).length;
  const passed = countOf('passed');
  const failed = countOf('failed') + unloaded;
  return { passed, failed, skipped: results.length + unloaded - passed - failed };
}

const hasFailure = (file) => file.assertionResults.some((result) => result.status === 'failed');

/** The sum; null stands for a run that left no report, and counts as one failed test. */
export function sumOf(totals) {
  const sum = { passed: 0, failed: 0, skipped: 0 };
  for (const total of totals) {
    for (const name of Object.keys(sum)) sum[name] += total?.[name] ?? (name === 'failed' ? 1 : 0);
  }
  return sum;
}
