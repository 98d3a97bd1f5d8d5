import { dirname, resolve } from 'node:path';
import type { Check, Outcome } from '../finding.js';
import { well, wrong } from '../finding.js';
import type { Machine } from '../machine.js';
import type { Subject } from '../subject.js';

/** With less room than this a start is not worth trying: the reserve alone takes a quarter of it. */
export const FREE_BYTES_MIN = 64 * 1024 * 1024;
const MIB = 1024 * 1024;

/** Whether the folder of the embedded store and bus can be made and written, and has room. Makes nothing. */
export const dataDirCheck = ({ config, machine }: Pick<Subject, 'config' | 'machine'>): Check => ({
  name: 'DATA_DIR',
  limitMs: 5_000,
  async run() {
    const folder = resolve(config.DATA_DIR);
    const there = await nearest(folder, machine);
    if (!there.isFolder) return wrong(`expected a folder, found a file at ${there.path}`, 'Set DATA_DIR to a folder');
    if (!(await machine.isWritable(there.path))) {
      return wrong(`${there.path} cannot be written by this user`, `Give it to this user, or set DATA_DIR to another`);
    }
    return roomOf(folder, there.path, machine);
  },
});

async function roomOf(folder: string, path: string, machine: Machine): Promise<Outcome> {
  const free = await machine.freeBytes(path);
  const room = `${Math.floor(free / MIB)} MiB free`;
  if (free < FREE_BYTES_MIN) {
    return wrong(
      `${room} on the disk of ${path}: nothing new can be stored`,
      'Free some space there; Kairos goes on by itself, and a panic has a reserve of 16 MiB',
    );
  }
  return well(path === folder ? `${folder}, ${room}` : `${folder} (made at the first start), ${room}`);
}

/** The folder itself, or the nearest one above it that is there. */
async function nearest(folder: string, machine: Machine): Promise<{ path: string; isFolder: boolean }> {
  const found = await machine.look(folder);
  if (found) return { path: folder, isFolder: found.isFolder };
  const above = dirname(folder);
  return above === folder ? { path: folder, isFolder: false } : nearest(above, machine);
}
