/** Cursors of pages: opaque text that names the row after which a page goes on, so that inserts never shift it. */
import { PortError } from '../errors.js';

type CursorKind = 'trade' | 'decision' | 'signal';

/** The keys that rows of a page are ordered by. */
type CursorKey = readonly (string | number)[];

export const encodeCursor = (kind: CursorKind, key: CursorKey): string =>
  Buffer.from(JSON.stringify([kind, ...key])).toString('base64url');

/**
 * The key in a cursor; null where there is no cursor.
 *
 * @throws PortError INVALID when the text is no cursor of this kind of row.
 */
export function decodeCursor(kind: CursorKind, cursor: string | null): CursorKey | null {
  if (cursor === null) return null;
  const parts = parse(cursor);
  const isOfKind = parts?.[0] === kind && parts.length === (kind === 'signal' ? 3 : 2);
  if (!isOfKind || typeof parts[1] !== 'number') throw invalid(kind, cursor);
  if (kind === 'signal' && typeof parts[2] !== 'string') throw invalid(kind, cursor);
  return parts.slice(1) as CursorKey;
}

function parse(cursor: string): unknown[] | null {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    return Array.isArray(parsed) ? parsed : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

const CURSOR_LENGTH_SHOWN = 60;

const invalid = (kind: CursorKind, cursor: string): PortError =>
  new PortError(
    'INVALID',
    `expected the cursor of a ${kind} from an earlier page, found ${JSON.stringify(cursor.slice(0, CURSOR_LENGTH_SHOWN))}; ask for the first page again`,
  );
