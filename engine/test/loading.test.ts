/** What each role loads: a start is as quick as what it loads is small. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { SOURCE_FLAGS } from './crew.fixture.js';

/** What takes its time to load, of what says that it was loaded: CommonJS. */
const HEAVY = ['kafkajs', 'libsql', 'mongodb', 'ml-regression'];
/** Says at the end which packages have been loaded. */
const TELLER = `
  import { writeSync } from 'node:fs';
  import { createRequire } from 'node:module';
  process.on('exit', () => {
    const files = Object.keys(createRequire('file:///').cache);
    const packages = new Set(files.map((file) => file.match(/.*node_modules.([^/\\\\]+)/)?.[1]));
    writeSync(2, JSON.stringify([...packages]));
  });
`;

/** Runs a role on the embedded store and bus until it works; the heavy packages that it has loaded. */
async function loadedBy(role: string): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'kairos-loading-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const teller = `data:text/javascript,${encodeURIComponent(TELLER)}`;
  const child = spawn(process.execPath, ['--import', teller, ...SOURCE_FLAGS, role, '--json'], {
    env: { PATH: process.env['PATH'] ?? '', DATA_DIR: folder, FEED: 'simulator' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const [first] = (await once(child.stdout, 'data')) as [Buffer];
  expect(first.toString()).toContain(`"name":"${role}"`);
  child.kill('SIGTERM');
  await once(child, 'close');
  const packages = JSON.parse(said) as readonly string[];
  return HEAVY.filter((name) => packages.includes(name));
}

it.each([
  ['trade', ['libsql']],
  ['feed', ['libsql']],
  ['predict', ['libsql', 'ml-regression']],
])('kairos %s loads of all that is heavy no more than it works with', { timeout: 60_000 }, async (role, expected) => {
  expect(await loadedBy(role)).toEqual(expected);
});
