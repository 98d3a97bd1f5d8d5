/** What a new password may be, said before it is sent; the API has the last word. */

export const PASSWORD_LENGTH_MIN = 8;
/** The API's hash reads no further. */
export const PASSWORD_BYTES_MAX = 72;

/** What is wrong with it; null when nothing is. */
export function passwordProblem(next: string, current: string): string | null {
  if (next.length < PASSWORD_LENGTH_MIN) return `At least ${PASSWORD_LENGTH_MIN} characters`;
  if (new TextEncoder().encode(next).length > PASSWORD_BYTES_MAX) return `At most ${PASSWORD_BYTES_MAX} bytes`;
  if (next.includes('\0')) return 'It has a character that cannot be in a password';
  return next === current ? 'The same as the current one' : null;
}
