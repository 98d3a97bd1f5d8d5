/** Real candle files that lie beside the checkout: tests that need one are skipped, loudly, where it is absent. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const FOLDER = new URL('../../../../../shared/data/', import.meta.url);

/** Path of a data file. */
export const dataFile = (name: string): string => fileURLToPath(new URL(name, FOLDER));

/** Whether a data file is there. @throws in CI where it is not: a check must not pass because its tool is missing. */
export function hasData(name: string): boolean {
  if (existsSync(dataFile(name))) return true;
  if (process.env['CI']) throw new Error(`expected the data file ${dataFile(name)} in CI, found none`);
  process.stderr.write(`skipped: the data file ${name} is not there\n`);
  return false;
}
