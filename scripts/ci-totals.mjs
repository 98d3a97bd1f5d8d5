/**
 * Prints `N passed, N failed, N skipped` over the vitest reports named by the arguments, as `.ci/run` ends with it.
 * Exit code 1 when anything failed or a report is missing.
 */
import { existsSync, readFileSync } from 'node:fs';
import { sumOf, totalsOf } from './lib/totals.mjs';

const totals = process.argv.slice(2).map((path) => {
  if (existsSync(path)) return totalsOf(JSON.parse(readFileSync(path, 'utf8')));
  console.log(`No report at ${path}: counted as failed.`);
  return null;
});
const { passed, failed, skipped } = sumOf(totals);
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = failed === 0 ? 0 : 1;
