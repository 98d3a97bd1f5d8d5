/** Builds what has changed since the last build; finds out in milliseconds that nothing has. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { ROOT } from './root.mjs';
import { binOf, runOrExit } from './run.mjs';

const STAMP = `${ROOT}/.cache/build.stamp`;
const OUTPUTS = [
  'schema/dist/index.js',
  'ports/dist/index.js',
  'engine/dist/cli/main.js',
  'api/dist/main.js',
  'web/build/index.html',
];
const SOURCES = ['schema', 'ports', 'engine', 'api', 'web'];
const ROOT_FILES = ['package-lock.json', 'tsconfig.base.json', 'turbo.json'];
const NOT_SOURCES = new Set([
  'node_modules',
  'dist',
  'build',
  '.svelte-kit',
  '.turbo',
  'test',
  'e2e',
  'graphql-env.d.ts',
]);

export async function ensureBuilt() {
  const stamp = stampOfSources();
  if (readStamp() === stamp && OUTPUTS.every((path) => existsSync(`${ROOT}/${path}`))) return;
  console.log('Building …');
  await runOrExit(process.execPath, [binOf('turbo/bin/turbo'), 'run', 'build', '--output-logs=errors-only'], {
    TURBO_TELEMETRY_DISABLED: '1',
    // A test that has something built wants the page, not the page's tests.
    VITEST: undefined,
  });
  mkdirSync(dirname(STAMP), { recursive: true });
  writeFileSync(STAMP, stamp);
}

/** A hash over path, size and time of every file that a build reads. */
function stampOfSources() {
  const hash = createHash('sha256');
  const add = (path) => {
    const { size, mtimeMs } = statSync(`${ROOT}/${path}`);
    hash.update(`${path}\0${size}\0${mtimeMs}\n`);
  };
  ROOT_FILES.forEach(add);
  SOURCES.flatMap(filesUnder).forEach(add);
  return hash.digest('hex');
}

function filesUnder(folder) {
  return readdirSync(`${ROOT}/${folder}`, { withFileTypes: true })
    .filter((entry) => !NOT_SOURCES.has(entry.name) && !entry.name.endsWith('.test.ts'))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) return filesUnder(path);
      return entry.isFile() ? [path] : [];
    });
}

function readStamp() {
  return existsSync(STAMP) ? readFileSync(STAMP, 'utf8') : null;
}
