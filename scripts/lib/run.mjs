import { spawn } from 'node:child_process';
import { ROOT } from './root.mjs';

/**
 * Runs a command in the repository's folder with this terminal. Resolves with its exit code, 1 when a signal ended it;
 * rejects when `signal` aborts it.
 */
export function run(command, args, env = {}, signal = undefined) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: ROOT,
      stdio: 'inherit',
      signal,
      env: { ...process.env, ...env },
      shell: process.platform === 'win32' && command === 'npm',
    });
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

/** Runs a step that everything after it needs: its failure ends the process with its exit code. */
export async function runOrExit(command, args, env) {
  const code = await run(command, args, env);
  if (code !== 0) process.exit(code);
}

/** The file of a package's command, to be run with this Node.js. */
export const binOf = (path) => `${ROOT}/node_modules/${path}`;
