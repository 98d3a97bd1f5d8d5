/** What is printed when the page answers: where it is, and how to log in. */
import type { ReadyMessage } from '@kairos/ports';
import { DEFAULT_PASSWORD } from '@kairos/schema';

/** The lines for people. The password is named only while it is the one everybody knows. */
export function readyText({ url, username, hasDefaultPassword }: ReadyMessage): string {
  const login = hasDefaultPassword
    ? [
        `  Log in as ${username} with the password ${DEFAULT_PASSWORD}.`,
        '  Everybody knows this password: change it after the first login.',
      ]
    : [`  Log in as ${username}.`];
  return [
    '',
    `  Kairos is ready: ${url}`,
    ...login,
    '  Ctrl-C ends it; a later start goes on where it stopped.',
    '',
  ].join('\n');
}
