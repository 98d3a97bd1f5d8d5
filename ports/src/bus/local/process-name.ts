/** Names of processes of this machine, so that one that was killed is known to be gone at once. */
import { readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** Where process ids mean the same: the machine, and on Linux the pid namespace (two containers may share a name). */
function placeName(): string {
  try {
    return `${hostname()} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return hostname();
  }
}

export const processName = (): string => `${placeName()} ${process.pid}`;

/** True only when it is certain: of a process elsewhere, or one that may not be asked, nothing is known. */
export function isProcessGone(name: string): boolean {
  const cut = name.lastIndexOf(' ');
  if (name.slice(0, cut) !== placeName()) return false;
  try {
    process.kill(Number(name.slice(cut + 1)), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
