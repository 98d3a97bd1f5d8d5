import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../clock/system.js';
import { createFileLock } from './file-lock.js';
import { lockContract } from '../lock.contract.js';

const newFolder = (): string => mkdtempSync(join(tmpdir(), 'kairos-lock-'));

lockContract('file', async () => {
  const folder = newFolder();
  return {
    lock: () => createFileLock({ file: join(folder, 'trader.lock') }, { clock: systemClock }),
    stop: async () => rmSync(folder, { recursive: true }),
  };
});

describe('file lock', () => {
  let folder: string;
  beforeEach(() => {
    folder = newFolder();
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const lockOn = (file: string) => createFileLock({ file }, { clock: systemClock });

  it('is free within a second after its holder was killed with -9', async () => {
    const file = join(folder, 'trader.lock');
    const holder = spawn(process.execPath, [join(import.meta.dirname, 'hold-lock.fixture.mjs'), file], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(holder.stdout, 'data');
    let diedAt = 0;
    const handle = await lockOn(file).acquire({
      onWaiting: () => {
        holder.kill('SIGKILL');
        diedAt = systemClock.monotonicMs();
      },
      signal: AbortSignal.timeout(5_000),
    });
    expect(handle).not.toBeNull();
    expect(diedAt).toBeGreaterThan(0);
    expect(systemClock.monotonicMs() - diedAt).toBeLessThan(1_000);
    await handle!.release();
  });

  it('makes its directory', async () => {
    const handle = await lockOn(join(folder, 'new', 'trader.lock')).acquire({});
    expect(handle).not.toBeNull();
    await handle!.release();
  });

  it('refuses a path that is no file', async () => {
    await expect(lockOn(folder).acquire({})).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  it('refuses a file that is something else', async () => {
    const file = join(folder, 'notes.txt');
    writeFileSync(file, 'these are notes, not a lock file. '.repeat(40));
    await expect(lockOn(file).acquire({})).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
});
