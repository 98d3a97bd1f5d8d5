/** Accounts in SQLite: one row each, so that what is answered together is read together. */
import type { Instant } from '@kairos/schema';
import type { AccountChange, AccountRow } from '../projection.js';
import { withAccountChange } from '../projection.js';
import type { AccountView } from '../read-models.js';
import { DOCS } from '../row-codecs.js';
import type { Connection, SqlRow } from './connection.js';

const COLUMNS = 'created_at, books, mark';

const viewOf = ([createdAt, books, mark]: SqlRow): AccountView => ({
  ...DOCS.books.read(books),
  mark: DOCS.mark.read(mark),
  createdAt: createdAt as Instant,
});

/** Every account, the oldest first. */
export const accountViews = (connection: Connection): readonly AccountView[] =>
  connection.all(`SELECT ${COLUMNS} FROM accounts ORDER BY created_at, id`).map(viewOf);

export function accountView(connection: Connection, id: string): AccountView | null {
  const row = connection.get(`SELECT ${COLUMNS} FROM accounts WHERE id = ?`, [id]);
  return row ? viewOf(row) : null;
}

export function changeAccount(connection: Connection, change: AccountChange): void {
  if (change.events.length === 0) return changeMark(connection, change);
  const row = withAccountChange(storedRow(connection, change.accountId), change);
  if (row) putRow(connection, row);
}

/** With every price marks change and books do not: these are neither read nor written then. */
function changeMark(connection: Connection, { accountId, entry, mark }: AccountChange): void {
  if (!mark) return;
  const sql = 'UPDATE accounts SET mark = ?, entry = ? WHERE id = ? AND entry < ?';
  connection.run(sql, [DOCS.mark.write(mark), entry, accountId, entry]);
}

function storedRow(connection: Connection, id: string): AccountRow | null {
  const row = connection.get(`SELECT ${COLUMNS}, entry FROM accounts WHERE id = ?`, [id]);
  return row ? { view: viewOf(row), entry: row[3] as number } : null;
}

function putRow(connection: Connection, { view, entry }: AccountRow): void {
  const sql = 'INSERT OR REPLACE INTO accounts (id, entry, created_at, books, mark) VALUES (?, ?, ?, ?, ?)';
  const { account, createdAt, mark } = view;
  connection.run(sql, [account.id, entry, createdAt, DOCS.books.write(view), DOCS.mark.write(mark)]);
}
