/** User names and passwords as they come from people: one spelling per name, passwords that bcrypt reads whole. */
import { createHash } from 'node:crypto';
import { BadInputError } from '../graphql/errors.js';

export const USERNAME_LENGTH_MAX = 64;
export const PASSWORD_BYTES_MIN = 8;
/** bcrypt ignores what comes after this many bytes, so longer passwords are refused. */
export const PASSWORD_BYTES_MAX = 72;

const NAME_TEXT = /^[\p{L}\p{N}][\p{L}\p{N}._@ -]*$/u;

/** The spelling by which names are compared: NFKC, trimmed, lower case. */
export const normalizeName = (name: string): string => name.normalize('NFKC').trim().toLowerCase();

/** A user's id: a function of the normalised name. */
export const userIdOf = (normalizedName: string): string => `user_${sha256(normalizedName).slice(0, 16)}`;

/** Hex SHA-256. */
export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The name of a new user as it will be shown. @throws BadInputError */
export function checkNewName(name: string): string {
  const shown = name.normalize('NFKC').trim();
  if (shown.length <= USERNAME_LENGTH_MAX && NAME_TEXT.test(shown)) return shown;
  throw new BadInputError(
    `username: expected 1 to ${USERNAME_LENGTH_MAX} letters, digits or . _ @ - that begin with a letter or digit`,
  );
}

/** Whether a password can have been set at all. */
export function isPossiblePassword(password: string): boolean {
  const bytes = Buffer.byteLength(password, 'utf8');
  return bytes >= PASSWORD_BYTES_MIN && bytes <= PASSWORD_BYTES_MAX && !password.includes('\0');
}

/** A new password, given as the argument of this name. @throws BadInputError, without repeating it */
export function checkNewPassword(password: string, argument = 'password'): string {
  if (isPossiblePassword(password)) return password;
  throw new BadInputError(`${argument}: expected ${PASSWORD_BYTES_MIN} to ${PASSWORD_BYTES_MAX} bytes without NUL`);
}
