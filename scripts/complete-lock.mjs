/**
 * Completes package-lock.json after an `npm install` (`npm run lock`): see scripts/lib/lock.mjs.
 * With --check nothing is written; exit code 1 when something is missing.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { completeLock } from './lib/lock.mjs';
import { ROOT } from './lib/root.mjs';

const file = `${ROOT}/package-lock.json`;
const { lock, added } = completeLock(JSON.parse(readFileSync(file, 'utf8')));
const isCheck = process.argv.includes('--check');

if (added.length === 0) {
  console.log('package-lock.json is complete.');
} else if (isCheck) {
  console.error(`package-lock.json lacks ${added.join(', ')}.\nRun: npm run lock`);
  process.exitCode = 1;
} else {
  writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
  console.log(`Added to package-lock.json: ${added.join(', ')}`);
}
