/** What is printed when the page answers: where it is, and how to log in. */
import type { ReadyMessage } from '@kairos/ports';
import { DEFAULT_PASSWORD } from '@kairos/schema';

const loginText = ({ username, hasDefaultPassword }: ReadyMessage): string =>
  hasDefaultPassword ? `Log in as ${username} with the password ${DEFAULT_PASSWORD}.` : `Log in as ${username}.`;

/** The lines for people. The password is named only while it is the one everybody knows. */
export function readyText(message: ReadyMessage): string {
  const warning = message.hasDefaultPassword
    ? ['  Everybody knows this password: change it after the first login.']
    : [];
  return [
    '',
    `  Kairos is ready: ${message.url}`,
    `  ${loginText(message)}`,
    ...warning,
    '  Ctrl-C ends it; a later start goes on where it stopped.',
    '',
  ].join('\n');
}

/** The same in one line, for a log. */
export const readyLine = (message: ReadyMessage): string => `Kairos is ready: ${message.url} ${loginText(message)}`;
