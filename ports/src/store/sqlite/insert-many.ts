/** Many rows by few statements: most of the time of a small insert is the way to the driver. */
import type { Connection, SqlValue } from './connection.js';

/** Rows per statement. */
const CHUNK_ROWS = 50;

/** An insert into one table, of one row and of many: texts made once, so that their statements are found at once. */
export interface Target {
  readonly one: string;
  readonly many: string;
}

export interface TargetParts {
  /** `INSERT OR IGNORE INTO trades`. */
  readonly insert: string;
  readonly columns: readonly string[];
  /** `ON CONFLICT …`; left out: none. */
  readonly onConflict?: string;
}

export function targetOf({ insert, columns, onConflict = '' }: TargetParts): Target {
  const row = `(${columns.map(() => '?').join(', ')})`;
  const sqlOf = (count: number): string => {
    const rows = Array.from({ length: count }, () => row).join(', ');
    return `${insert} (${columns.join(', ')}) VALUES ${rows} ${onConflict}`;
  };
  return { one: sqlOf(1), many: sqlOf(CHUNK_ROWS) };
}

/** Returns how many rows were changed. */
export function insertMany(connection: Connection, target: Target, rows: readonly (readonly SqlValue[])[]): number {
  let changes = 0;
  let at = 0;
  for (; at + CHUNK_ROWS <= rows.length; at += CHUNK_ROWS) {
    const values: SqlValue[] = [];
    for (let row = at; row < at + CHUNK_ROWS; row++) values.push(...rows[row]!);
    changes += connection.run(target.many, values);
  }
  for (; at < rows.length; at++) changes += connection.run(target.one, rows[at]);
  return changes;
}
