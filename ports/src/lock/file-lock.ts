/** A lock on a file of its own, held through the kernel: a process that dies lets go of it at once. */
import type { Clock } from '../clock/clock.js';
import type { Lock } from './lock.js';

export interface FileLockOptions {
  /** Path of the lock's own file, made if missing (its directory too). Nothing else may open it. */
  readonly file: string;
}

export declare function createFileLock(options: FileLockOptions, deps: { readonly clock: Clock }): Lock;
