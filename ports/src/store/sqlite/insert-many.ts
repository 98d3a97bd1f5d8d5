/** Many rows by few statements: most of the time of a small insert is the way to the driver. */
import type { Connection, SqlValue } from './connection.js';

/** Rows per statement. */
const CHUNK_ROWS = 50;

export interface Target {
  /** `INSERT OR IGNORE INTO trades`, followed by the columns. */
  readonly insert: string;
  readonly columns: readonly string[];
  /** `ON CONFLICT …`; left out: none. */
  readonly onConflict?: string;
}

/** Returns how many rows were changed. */
export function insertMany(connection: Connection, target: Target, rows: readonly (readonly SqlValue[])[]): number {
  let changes = 0;
  let at = 0;
  for (; at + CHUNK_ROWS <= rows.length; at += CHUNK_ROWS) {
    changes += connection.run(sqlOf(target, CHUNK_ROWS), rows.slice(at, at + CHUNK_ROWS).flat());
  }
  for (; at < rows.length; at++) changes += connection.run(sqlOf(target, 1), rows[at]);
  return changes;
}

function sqlOf({ insert, columns, onConflict = '' }: Target, count: number): string {
  const row = `(${columns.map(() => '?').join(', ')})`;
  return `${insert} (${columns.join(', ')}) VALUES ${Array.from({ length: count }, () => row).join(', ')} ${onConflict}`;
}
