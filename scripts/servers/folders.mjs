/** Folders of servers that tests start, and what is left in them when a test process dies. */
import { mkdir, mkdtemp, readdir, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readPid } from './server-process.mjs';

/** A new folder in TEST_SERVERS_FOLDER, or where the system keeps temporary files. */
export async function newServerFolder(name, env = process.env) {
  const parent = env.TEST_SERVERS_FOLDER || tmpdir();
  await mkdir(parent, { recursive: true });
  return realpath(await mkdtemp(join(parent, `kairos-${name}-`)));
}

/** Kills what still runs in folders below, and removes them. @returns how many servers were left over */
export async function sweep(parent) {
  const folders = (await readdir(parent)).map((name) => join(parent, name));
  const left = folders.map(readPid).filter((found) => found?.isAlive);
  for (const { pid } of left) process.kill(pid, 'SIGKILL');
  await rm(parent, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  return left.length;
}
