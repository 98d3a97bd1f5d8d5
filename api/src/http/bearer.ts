const BEARER = /^Bearer +([^\s]+)$/i;

/** The token of an authorization text, from the header or from `connection_init`; null when there is none. */
export function readBearer(text: unknown): string | null {
  return typeof text === 'string' ? (BEARER.exec(text.trim())?.[1] ?? null) : null;
}
