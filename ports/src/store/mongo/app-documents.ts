/** The documents and collections of what is kept for people, whatever the world. */
import type { Command } from '@kairos/schema';
import { listOf, textCodec } from '@kairos/schema';
import type { AuditEntry, SentCommand, StoredSession, StoredUser } from '../app-store.js';
import { ROLES } from '../app-store.js';
import type { BsonCodec } from './bson-codec.js';
import { booleanBson, documentCodec, instantBson, listBson, numberBson, textBson } from './bson-codec.js';
import type { CollectionSpec } from './collections.js';
import { DATE, LIST, NUMBER, TEXT } from './collections.js';
import type { RowCodec } from './documents.js';
import { COMMAND_ROW, rowCodec, wordOf } from './documents.js';

export const USER_ROW = rowCodec(
  documentCodec<StoredUser>('user', {
    parts: {
      fields: {
        id: 'text',
        username: 'text',
        normalizedName: 'text',
        role: wordOf(ROLES),
        passwordHash: 'text',
        tokenVersion: 'number',
        mustChangePassword: 'boolean',
        isDisabled: 'boolean',
        grantedAccountIds: listOf(textCodec),
        createdAt: 'instant',
      },
    },
  }),
  'id',
);

export const SESSION_ROW = rowCodec(
  documentCodec<StoredSession>('session', {
    parts: {
      fields: {
        tokenHash: 'text',
        familyId: 'text',
        userId: 'text',
        tokenVersion: 'number',
        createdAt: 'instant',
        expiresAt: 'instant',
        rotatedAt: 'instant?',
        successor: 'text?',
        isRevoked: 'boolean',
      },
    },
  }),
  'tokenHash',
);

export const AUDIT_ROW = rowCodec(
  documentCodec<AuditEntry>('audit entry', {
    parts: {
      fields: { id: 'text', time: 'instant', actor: 'text', action: 'text', detail: 'text', accountId: 'text?' },
    },
  }),
  'id',
);

const texts = listBson(textBson);

export const SENT_ROW: RowCodec<SentCommand> = {
  fields: {
    ...COMMAND_ROW.fields,
    accountIds: texts as BsonCodec<unknown>,
    world: textBson as BsonCodec<unknown>,
    sentAt: instantBson as BsonCodec<unknown>,
    isPublished: booleanBson as BsonCodec<unknown>,
  },
  write: ({ command, accountIds, world, sentAt, isPublished }) => ({
    ...COMMAND_ROW.write(command),
    accountIds: texts.write(accountIds),
    world: textBson.write(world),
    sentAt: instantBson.write(sentAt),
    isPublished,
  }),
  read: (document) => ({
    command: COMMAND_ROW.read(document) satisfies Command,
    accountIds: texts.read(document['accountIds']),
    world: textBson.read(document['world']),
    sentAt: instantBson.read(document['sentAt']) as SentCommand['sentAt'],
    isPublished: booleanBson.read(document['isPublished']),
  }),
};

/** Of two rows with one time the one that came later has the higher order. */
const ORDER = { order: numberBson as BsonCodec<unknown> };

export const APP_COLLECTIONS: readonly CollectionSpec[] = [
  {
    name: 'users',
    fields: { ...USER_ROW.fields, ...ORDER },
    indexes: [
      { name: 'users_by_name', key: { normalizedName: 1 }, unique: true },
      { name: 'users_oldest', key: { createdAt: 1, order: 1 } },
    ],
  },
  {
    name: 'sessions',
    fields: SESSION_ROW.fields,
    indexes: [
      { name: 'sessions_of_family', key: { familyId: 1 } },
      { name: 'sessions_of_user', key: { userId: 1 } },
      { name: 'sessions_by_end', key: { expiresAt: 1 } },
    ],
  },
  {
    name: 'commands',
    fields: { ...SENT_ROW.fields, accountIds: LIST, ...ORDER },
    indexes: [
      { name: 'commands_newest', key: { world: 1, sentAt: -1, order: -1 } },
      { name: 'commands_of_account', key: { world: 1, accountIds: 1, sentAt: -1, order: -1 } },
      {
        name: 'commands_waiting',
        key: { world: 1, sentAt: 1, order: 1 },
        partialFilterExpression: { isPublished: false },
      },
    ],
  },
  {
    name: 'audit',
    fields: { ...AUDIT_ROW.fields, ...ORDER },
    indexes: [{ name: 'audit_newest', key: { time: -1, order: -1 } }],
  },
  {
    name: 'counters',
    fields: { _id: TEXT, count: NUMBER, endsAt: DATE },
    indexes: [{ name: 'counters_by_end', key: { endsAt: 1 } }],
  },
  { name: 'facts', fields: { _id: TEXT, world: TEXT, name: TEXT, json: TEXT }, indexes: [] },
];
