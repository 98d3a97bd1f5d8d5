/** Accounts in MongoDB: one document each, so that what is answered together is read together. */
import type { AccountChange, AccountRow, Changes } from '../projection.js';
import { withAccountChange } from '../projection.js';
import { ACCOUNT_ROW, markBson } from './documents.js';
import { oneOfTexts, textValue } from './filters.js';
import type { Table, Write } from './tables.js';

/** Brings the accounts to the last of consecutive entries; an account that knows a later entry stays. */
export async function writeAccounts(table: Table, batch: readonly Changes[]): Promise<void> {
  const changes = batch.flatMap(({ accounts }) => accounts);
  const rows = await storedRows(table, changes);
  const marked = new Map<string, AccountChange>();
  for (const change of changes) {
    const { accountId, mark } = change;
    if (rows.has(accountId)) rows.set(accountId, withAccountChange(rows.get(accountId) ?? null, change));
    else if (mark) marked.set(accountId, change);
  }
  await table.write([...[...rows.values()].flatMap(replaceWrites), ...[...marked.values()].map(markWrite)]);
}

/** Of each account that an event changes: its row, null where it is new. The others change by their mark alone. */
async function storedRows(table: Table, changes: readonly AccountChange[]): Promise<Map<string, AccountRow | null>> {
  const ids = new Set(changes.filter(({ events }) => events.length > 0).map(({ accountId }) => accountId));
  const rows = new Map<string, AccountRow | null>([...ids].map((id) => [id, null]));
  if (ids.size === 0) return rows;
  for (const document of await table.find({ filter: { _id: oneOfTexts([...ids]) } })) {
    const row = ACCOUNT_ROW.read(document);
    rows.set(row.view.account.id, row);
  }
  return rows;
}

function replaceWrites(row: AccountRow | null): Write[] {
  if (!row) return [];
  const { _id, ...replacement } = ACCOUNT_ROW.write(row);
  return [{ replaceOne: { filter: { _id, entry: { $lt: row.entry } }, replacement, upsert: true } }];
}

function markWrite({ accountId, entry, mark }: AccountChange): Write {
  const filter = { _id: textValue(accountId) as string, entry: { $lt: entry } };
  return { updateOne: { filter, update: { $set: { mark: mark && markBson.write(mark), entry } } } };
}
