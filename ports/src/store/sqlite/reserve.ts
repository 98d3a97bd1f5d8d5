/**
 * Room that is kept for the worst day: a file of 16 MiB beside the data. When the disk is full it is given up for what
 * makes things safer (a panic, a sale), never for a new position; it is made again when there is room.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import { mkdir, rename, rm, statfs, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Clock } from '../../clock/clock.js';
import { isPortError } from '../../errors.js';
import type { Log } from '../../log/log.js';

export const RESERVE_BYTES = 16 * 1024 * 1024;
/** The file is made only where this much is free: making it must not fill the disk. */
const FREE_BYTES_MIN = 8 * RESERVE_BYTES;
/** How often it is looked whether the file is there. */
export const RESERVE_CHECK_MS = 60_000;

export interface Reserve {
  /** Makes the file if it is missing and there is room; looks once a minute at most, and never fails. */
  hold(): Promise<void>;
  /** Runs work that makes things safer: if there is no room, gives the reserve up and runs it once more. */
  spendOn<T>(work: () => Promise<T>): Promise<T>;
}

/** Where no room is kept. */
export const noReserve: Reserve = { hold: async () => undefined, spendOn: (work) => work() };

export function createReserve(file: string, { clock, log }: { clock: Clock; log?: Log | undefined }): Reserve {
  let checkedMs = -Infinity;
  return {
    async hold() {
      if (clock.monotonicMs() - checkedMs < RESERVE_CHECK_MS) return;
      checkedMs = clock.monotonicMs();
      try {
        await make(file);
      } catch (error) {
        log?.warn({ file, err: error }, 'no room could be reserved for a full disk; it is tried again in a minute');
      }
    },
    async spendOn(work) {
      try {
        return await work();
      } catch (error) {
        if (!isPortError(error, 'FULL') || !existsSync(file)) throw error;
        rmSync(file, { force: true });
        log?.error({ file }, 'the disk is full: the reserve is given up for what closes positions; free some space');
        return work();
      }
    },
  };
}

async function make(file: string): Promise<void> {
  if (existsSync(file)) return;
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const { bavail, bsize } = await statfs(dirname(file));
  if (bavail * bsize < FREE_BYTES_MIN) return;
  const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`;
  try {
    // Random bytes: a file system that compresses would keep no room for zeros.
    await writeFile(draft, randomBytes(RESERVE_BYTES), { mode: 0o600 });
    await rename(draft, file);
  } finally {
    await rm(draft, { force: true });
  }
}
