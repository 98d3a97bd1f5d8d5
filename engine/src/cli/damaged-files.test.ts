/** Files that cannot be used: the start is refused with their place, and not tried again. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { systemClock, worldFiles } from '@kairos/ports';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { runCli } from './main.js';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kairos-damaged-'));
});
afterEach(() => rm(folder, { recursive: true }));

const LETTER = 'a letter to my aunt, much longer than the header of a database. '.repeat(100);

it.each(['appFile', 'journalFile', 'busFile'] as const)('a damaged %s ends with 2 and is named', async (name) => {
  const file = worldFiles(folder, 'SIMULATOR')[name];
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, LETTER);
  let told = '';
  const code = await runCli(['panic'], {
    env: { DATA_DIR: folder, FEED: 'simulator' },
    clock: systemClock,
    out: () => undefined,
    err: (text) => void (told += text),
  });
  expect(code).toBe(2);
  expect(told).toContain(file);
});
