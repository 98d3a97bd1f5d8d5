/** What the driver throws, in the words of the ports. */
import Database from 'libsql';
import { PortError, type PortErrorCode } from '../../errors.js';

/** Somebody else is writing, or is setting the file up: the same call succeeds a moment later. */
export const isBusy = (error: unknown): boolean =>
  error instanceof Database.SqliteError && /^SQLITE_(BUSY|LOCKED)/.test(error.code);

/** Result codes by their first words: code of the port, and what to do. */
const MEANINGS: readonly (readonly [RegExp, PortErrorCode, string])[] = [
  [/^SQLITE_(BUSY|LOCKED)/, 'UNAVAILABLE', 'other processes kept it busy for too long; try again'],
  [/^SQLITE_FULL/, 'FULL', 'no room is left; free some space, nothing was lost'],
  [/^SQLITE_(CORRUPT|NOTADB)/, 'CORRUPT', 'the file is damaged; restore it from a backup'],
  [/^SQLITE_CONSTRAINT/, 'CONFLICT', 'it contradicts what is stored'],
  [/^SQLITE_(READONLY|PERM|AUTH|CANTOPEN)/, 'INVALID', 'the file cannot be written; check its folder and permissions'],
  [/^SQLITE_(IOERR|NOMEM|PROTOCOL)/, 'UNAVAILABLE', 'the disk did not answer as it should; try again'],
];

/** The error of a port for what was thrown while `what` was done; what the driver did not throw stays as it is. */
export function portErrorOf(error: unknown, what: string): unknown {
  if (!(error instanceof Database.SqliteError)) return error;
  const meaning = MEANINGS.find(([pattern]) => pattern.test(error.code));
  if (!meaning) return error;
  const [, code, advice] = meaning;
  return new PortError(code, `${what}: ${advice} (${error.code}: ${error.message})`, error);
}
