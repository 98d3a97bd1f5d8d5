/** Keeps secrets out of the log: the second line of defence, after not handing them over in the first place. */

/** Stands where a secret stood. */
export const REDACTED = '[redacted]';
/** Deeper objects, longer lists and longer texts are cut. */
export const FIELD_DEPTH_MAX = 5;
export const FIELD_ITEMS_MAX = 100;
export const FIELD_CHARS_MAX = 8_192;

const LINE_KEYS: readonly string[] = ['time', 'level', 'name', 'msg'];

const SECRET_KEY =
  /pass(word|phrase|wd)|secret|token(?!Version)|authorization|cookie|credential|signature|api_?key|encryption_?key|(private|signing)_?key|key_?hash/i;

/** Secrets that travel inside of other text: passwords in addresses, bcrypt hashes, JSON web tokens, bearer tokens. */
const SECRET_TEXTS: readonly (readonly [RegExp, string])[] = [
  [/(\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@]*):[^\s/@]+@/gi, `$1:${REDACTED}@`],
  [/\$2[abxy]?\$\d\d\$[./A-Za-z0-9]{53}/g, REDACTED],
  [/\beyJ[\w-]{5,}\.[\w-]{5,}\.[\w-]*/g, REDACTED],
  [/\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi, `$1 ${REDACTED}`],
];

/** Text without the secrets that can be known by their looks. */
export function redactText(text: string): string {
  const cut = text.length > FIELD_CHARS_MAX ? `${text.slice(0, FIELD_CHARS_MAX)}…` : text;
  return SECRET_TEXTS.reduce((clean, [pattern, instead]) => clean.replace(pattern, instead), cut);
}

/** Plain fields without secrets, ready to be written as JSON; errors become type, code, message, stack and cause. */
export function redactFields(fields: object): Record<string, unknown> {
  const entries = Object.entries(fields).slice(0, FIELD_ITEMS_MAX);
  return Object.fromEntries(entries.map(([key, value]) => [ownName(key), redactEntry(key, value, 1)]));
}

/** Fields that would stand beside the log's own of that name get an underscore. */
const ownName = (key: string): string => (LINE_KEYS.includes(key) ? `${key}_` : key);

function redactEntry(key: string, value: unknown, depth: number): unknown {
  const isFlag = typeof value === 'boolean' || value === null || value === undefined;
  return SECRET_KEY.test(key) && !isFlag ? REDACTED : redactValue(value, depth);
}

function redactValue(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'function' || typeof value === 'symbol') return String(typeof value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth > FIELD_DEPTH_MAX) return '[…]';
  return redactObject(value, depth);
}

function redactObject(value: object, depth: number): unknown {
  if (value instanceof Error) return redactError(value, depth);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'no date' : value.toISOString();
  if (value instanceof URL) return redactText(value.href);
  if (ArrayBuffer.isView(value)) return `${value.byteLength} bytes`;
  if (value instanceof Map || value instanceof Set) return redactValue([...value], depth);
  if (Array.isArray(value)) return value.slice(0, FIELD_ITEMS_MAX).map((item) => redactValue(item, depth + 1));
  const entries = Object.entries(value).slice(0, FIELD_ITEMS_MAX);
  return Object.fromEntries(entries.map(([key, item]) => [key, redactEntry(key, item, depth + 1)]));
}

function redactError(error: Error, depth: number): object {
  const code = (error as { code?: unknown }).code;
  return {
    type: error.name,
    message: redactText(error.message),
    ...(code === undefined ? {} : { code: redactValue(code, depth + 1) }),
    ...(error.stack === undefined ? {} : { stack: redactText(error.stack) }),
    ...(error.cause === undefined ? {} : { cause: redactValue(error.cause, depth + 1) }),
  };
}
