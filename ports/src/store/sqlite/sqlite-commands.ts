/** Commands as the API sent them, or as they wait while the bus is down. */
import type { Instant } from '@kairos/schema';
import { commandTaken } from '../app-rules.js';
import type { SentCommand, SentCommands } from '../app-store.js';
import { SENT_COMMANDS_MAX } from '../retention.js';
import { DOCS } from '../row-codecs.js';
import type { Connection, SqlRow } from './connection.js';
import type { Reserve } from './reserve.js';

const COLUMNS = 'command, account_ids, world, sent_at, is_published';

const sentOf = ([command, accountIds, world, sentAt, isPublished]: SqlRow): SentCommand => ({
  command: DOCS.command.read(command),
  accountIds: DOCS.texts.read(accountIds),
  world: world as string,
  sentAt: sentAt as Instant,
  isPublished: isPublished === 1,
});

export function createSqliteCommands(connection: Connection, reserve: Reserve): SentCommands {
  return {
    insert(sent) {
      const write = () => connection.write('commands.insert', () => insert(connection, sent));
      return sent.command.action === 'STOP_BOT' ? reserve.spendOn(write) : write();
    },
    markPublished: (id) =>
      connection.write('commands.markPublished', () => {
        connection.run('UPDATE commands SET is_published = 1 WHERE id = ?', [id]);
      }),
    byId: (id) =>
      connection.read('commands.byId', () => {
        const row = connection.get(`SELECT ${COLUMNS} FROM commands WHERE id = ?`, [id]);
        return row ? sentOf(row) : null;
      }),
    list: (world, accountId, last) =>
      connection.read('commands.list', () => {
        const all = `SELECT ${COLUMNS} FROM commands WHERE world = ? ORDER BY n DESC LIMIT ?`;
        const ofAccount = `SELECT ${COLUMNS} FROM commands WHERE world = ?
          AND EXISTS (SELECT 1 FROM json_each(account_ids) WHERE value = ?) ORDER BY n DESC LIMIT ?`;
        const rows =
          accountId === null ? connection.all(all, [world, last]) : connection.all(ofAccount, [world, accountId, last]);
        return rows.map(sentOf);
      }),
    waiting: (world) =>
      connection.read('commands.waiting', () => {
        const sql = `SELECT ${COLUMNS} FROM commands INDEXED BY commands_waiting
          WHERE world = ? AND is_published = 0 ORDER BY n`;
        return connection.all(sql, [world]).map(sentOf);
      }),
  };
}

function insert(connection: Connection, sent: SentCommand): void {
  const { command, accountIds, world, sentAt, isPublished } = sent;
  const sql = `INSERT OR IGNORE INTO commands (id, world, sent_at, is_published, account_ids, command)
    VALUES (?, ?, ?, ?, ?, ?)`;
  const values = [
    command.id,
    world,
    sentAt,
    Number(isPublished),
    DOCS.texts.write(accountIds),
    DOCS.command.write(command),
  ];
  if (connection.run(sql, values) === 0) throw commandTaken(command.id);
  const oldest = `SELECT n FROM commands WHERE n <= (SELECT max(n) FROM commands) - ? AND is_published = 1`;
  connection.run(`DELETE FROM commands WHERE n IN (${oldest})`, [SENT_COMMANDS_MAX]);
}
