/** Installs dependencies when they are missing or are not those of the lock file. */
import { readFileSync } from 'node:fs';
import { ROOT } from './root.mjs';
import { runOrExit } from './run.mjs';

export async function ensureInstalled() {
  if (isInstalled(readJson('package-lock.json'), readJson('node_modules/.package-lock.json'))) return;
  console.log('Installing dependencies …');
  await runOrExit('npm', ['ci', '--no-audit', '--no-fund']);
}

/** Whether npm's own record of node_modules has every package of the lock; other platforms' packages may be missing. */
export function isInstalled(lock, record) {
  if (!record) return false;
  return Object.entries(lock.packages).every(([path, wanted]) => {
    if (!path.includes('node_modules/') || wanted.link || wanted.optional || wanted.devOptional) return true;
    return record.packages[path]?.version === wanted.version;
  });
}

function readJson(path) {
  try {
    return JSON.parse(readFileSync(`${ROOT}/${path}`, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return null;
    throw error;
  }
}
