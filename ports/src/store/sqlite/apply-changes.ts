/** Writes the changes of a journal entry to the tables of the read models; runs inside the entry's transaction. */
import type { Decision, Trade } from '@kairos/schema';
import type { Changes, PriceRow, ShardProgress } from '../projection.js';
import { mergeTaken, newerPrice } from '../projection.js';
import type { TakenCommand } from '../read-models.js';
import type { Retention } from '../retention.js';
import { DOCS } from '../row-codecs.js';
import { changeAccount } from './account-rows.js';
import { applySeries } from './apply-series.js';
import type { Connection } from './connection.js';
import { insertMany, targetOf } from './insert-many.js';

const EVENTS = targetOf({ insert: 'INSERT OR IGNORE INTO events', columns: ['account_id', 'seq', 'doc'] });

const TRADES = targetOf({
  insert: 'INSERT INTO trades',
  columns: [
    'id',
    'account_id',
    'opened_seq',
    'seq',
    'symbol',
    'status',
    'exit_reason',
    'entry_time',
    'is_profit',
    'doc',
  ],
  onConflict: `ON CONFLICT (id) DO UPDATE SET seq = excluded.seq, status = excluded.status,
    exit_reason = excluded.exit_reason, is_profit = excluded.is_profit, doc = excluded.doc
    WHERE excluded.seq > trades.seq`,
});

const DECISIONS = targetOf({
  insert: 'INSERT OR IGNORE INTO decisions',
  columns: ['account_id', 'seq', 'signal_id', 'outcome', 'reason', 'time', 'doc'],
});

const STEPS = targetOf({ insert: 'INSERT OR IGNORE INTO steps', columns: ['command_id', 'key', 'doc'] });

const tradeRow = (trade: Trade) => [
  trade.id,
  trade.accountId,
  trade.openedSeq,
  trade.seq,
  trade.symbol,
  trade.status,
  trade.exitReason,
  trade.entryTime,
  trade.pnl === null ? null : Number(trade.pnl > 0n),
  DOCS.trade.write(trade),
];

const decisionRow = (decision: Decision) => [
  decision.accountId,
  decision.seq,
  decision.signalId,
  decision.outcome,
  decision.reason,
  decision.time,
  DOCS.decision.write(decision),
];

export function applyChanges(connection: Connection, changes: Changes, retention: Retention): void {
  for (const change of changes.accounts) changeAccount(connection, change);
  putProgress(connection, changes.progress);
  const events = changes.events.map((event) => [event.accountId, event.seq, DOCS.event.write(event)]);
  insertMany(connection, EVENTS, events);
  insertMany(connection, TRADES, changes.trades.map(tradeRow));
  insertMany(connection, DECISIONS, changes.decisions.map(decisionRow));
  const steps = changes.steps.map(({ commandId, key, step }) => [commandId, key, DOCS.step.write(step)]);
  insertMany(connection, STEPS, steps);
  for (const price of changes.prices) putPrice(connection, price);
  for (const taken of changes.commands) putCommand(connection, taken);
  applySeries(connection, changes, retention);
}

function putProgress(connection: Connection, progress: ShardProgress): void {
  const { shard, entry, worldTime, committedAt, notes } = progress;
  connection.run(
    `INSERT INTO progress (shard, entry, world_time, committed_at, notes) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (shard) DO UPDATE SET entry = excluded.entry, world_time = excluded.world_time,
       committed_at = excluded.committed_at, notes = excluded.notes
     WHERE excluded.entry > progress.entry`,
    [shard, entry, worldTime, committedAt, DOCS.notes.write(notes)],
  );
}

function putPrice(connection: Connection, next: PriceRow): void {
  const found = connection.get('SELECT shard, entry, doc FROM prices WHERE symbol = ?', [next.book.symbol]);
  const [shard, entry, doc] = found ?? [];
  if (found) {
    const stored = { shard: shard as number, entry: entry as number, book: DOCS.priceBook.read(doc) };
    if (newerPrice(stored, next) === stored) return;
  }
  const sql = 'INSERT OR REPLACE INTO prices (symbol, shard, entry, doc) VALUES (?, ?, ?, ?)';
  connection.run(sql, [next.book.symbol, next.shard, next.entry, DOCS.priceBook.write(next.book)]);
}

/** A command's document: the command, and the accounts it concerned. */
const takenDoc = (taken: TakenCommand): string =>
  JSON.stringify([DOCS.command.write(taken.command), DOCS.texts.write(taken.accountIds)]);

export function takenOf(doc: unknown): TakenCommand {
  const [command, accountIds] = DOCS.texts.read(doc);
  return { command: DOCS.command.read(command), accountIds: DOCS.texts.read(accountIds) };
}

function putCommand(connection: Connection, next: TakenCommand): void {
  const { id } = next.command;
  const found = connection.get('SELECT doc FROM commands WHERE id = ?', [id]);
  const taken = found ? mergeTaken(takenOf(found[0]), next) : next;
  connection.run('INSERT INTO commands (id, doc) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET doc = excluded.doc', [
    id,
    takenDoc(taken),
  ]);
  for (const accountId of next.accountIds) {
    const sql = 'INSERT OR IGNORE INTO command_accounts (account_id, n) SELECT ?, n FROM commands WHERE id = ?';
    connection.run(sql, [accountId, id]);
  }
}
