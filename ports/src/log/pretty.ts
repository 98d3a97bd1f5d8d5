/** A line of the log for people: `HH:MM:SS.mmm level name  message  key=value`, in UTC. */

const RESET = '\u001b[0m';
const DIM = '\u001b[2m';
const LEVEL_COLOURS: Readonly<Record<string, string>> = {
  debug: '\u001b[2m',
  info: '\u001b[36m',
  warn: '\u001b[33m',
  error: '\u001b[31m',
};
const LEVEL_WIDTH = 5;
const NAME_WIDTH = 9;

interface LoggedError {
  readonly type: string;
  readonly message: string;
  readonly code?: unknown;
  readonly stack?: string;
}

/**
 * Formats one JSON line of the log, without its line end. Errors take their stack along, in lines of their own, when
 * the line is an error itself.
 */
export function formatPretty(json: string, hasColours: boolean): string {
  const { time, level, name, msg, ...fields } = JSON.parse(json) as Record<string, unknown>;
  const paint = (text: string, colour: string | undefined) =>
    hasColours && colour ? `${colour}${text}${RESET}` : text;
  const head = [
    paint(String(time).slice(11, 23), DIM),
    paint(String(level).padEnd(LEVEL_WIDTH), LEVEL_COLOURS[String(level)]),
    paint(printable(String(name)).padEnd(NAME_WIDTH), DIM),
  ].join(' ');
  const pairs = Object.entries(fields).map(([key, value]) => `${paint(`${printable(key)}=`, DIM)}${shown(value)}`);
  const line = [`${head} ${printable(String(msg))}`, pairs.join(' ')].filter((part) => part !== '').join('  ');
  return level === 'error' ? [line, ...stacks(fields)].join('\n') : line;
}

/** Values of third parties must not be able to begin a line of their own or to paint the terminal. */
const printable = (text: string): string =>
  text.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, (character) => JSON.stringify(character).slice(1, -1));

function shown(value: unknown): string {
  if (isLoggedError(value)) {
    const code = value.code === undefined ? '' : ` ${String(value.code)}`;
    return quoted(`${value.type}${code}: ${value.message}`);
  }
  return quoted(typeof value === 'string' ? value : (JSON.stringify(value) ?? 'undefined'));
}

const quoted = (text: string): string => (/^[^\s"=]+$/.test(text) ? printable(text) : printable(JSON.stringify(text)));

const isLoggedError = (value: unknown): value is LoggedError =>
  typeof value === 'object' && value !== null && 'type' in value && 'message' in value && 'stack' in value;

function stacks(fields: Readonly<Record<string, unknown>>): string[] {
  const errors = Object.values(fields).filter(isLoggedError);
  return errors
    .flatMap((error) => (error.stack ?? '').split('\n').slice(1))
    .map((line) => `    ${printable(line.trim())}`);
}
