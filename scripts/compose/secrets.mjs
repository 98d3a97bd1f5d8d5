/**
 * `npm run --silent compose:secrets >> .env`: a line for each secret that docker-compose.yml asks for and the file .env of
 * this folder does not have yet. Never repeats or changes one that is there.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { ROOT } from '../lib/root.mjs';
import { requiredVariables } from './compose-file.mjs';

const SECRET_BYTES = 24;

/** Lines of the secrets that `envText` lacks, each of letters and digits only. */
export function missingSecrets(composeText, envText, makeSecret = () => randomBytes(SECRET_BYTES).toString('hex')) {
  const known = parseEnv(envText);
  const missing = requiredVariables(composeText).filter((name) => !known[name]);
  // The file may not end with a line break of its own.
  const opening = envText === '' || envText.endsWith('\n') || missing.length === 0 ? '' : '\n';
  return opening + missing.map((name) => `${name}=${makeSecret()}\n`).join('');
}

function readEnv() {
  try {
    return readFileSync(`${ROOT}/.env`, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return '';
    throw error;
  }
}

if (process.argv[1] === import.meta.filename) {
  process.stdout.write(missingSecrets(readFileSync(`${ROOT}/docker-compose.yml`, 'utf8'), readEnv()));
}
