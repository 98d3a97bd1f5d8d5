/** Codec of `crypto.commands`. */
import { z } from 'zod';
import type { AccountRequest, Command } from '../command/command.js';
import { COMMAND_ACTIONS, NAME_LENGTH_MAX, REASON_LENGTH_MAX } from '../command/command.js';
import { ACCOUNT_MODES } from '../trading/account.js';
import type { SettingsPatch } from '../trading/settings.js';
import { parseSettingsPatch, settingsToJson } from '../trading/settings.js';
import type { Money } from '../value/decimal.js';
import { formatMoney, parseMoney } from '../value/decimal.js';
import { ValueError } from '../value/errors.js';
import { parseId, recordId } from '../value/id.js';
import type { Instant } from '../value/instant.js';
import { parseInstant } from '../value/instant.js';
import { canonicalJson } from './canonical-json.js';
import type { Decoded, RecordMeta } from './record.js';
import { accepted, decodeObject, encodeObject, refused } from './record.js';
import { field, idField, oneOf, optional, readShape, textCutAt, textUpTo } from './scalar.js';

/** A command, and the text that its signature is made over. */
export interface ReceivedCommand {
  readonly command: Command;
  /** Canonical JSON of the message as sent, without `signature`. */
  readonly signedText: string;
}

/** More than any signature has: a longer one stays wrong when it is cut. */
const SIGNATURE_LENGTH_KEPT = 100;

const accountShape = z.object({
  name: field(textUpTo(NAME_LENGTH_MAX)),
  mode: optional(oneOf(ACCOUNT_MODES), 'PAPER' as const),
  initialBalance: field(parseBalance),
  userId: idField,
});

const commandShape = z.object({
  id: optional(parseId, null),
  action: field(oneOf(COMMAND_ACTIONS)),
  accountId: optional(parseAccountId, null),
  tradeId: optional(textUpTo(2 * REASON_LENGTH_MAX), null),
  settings: optional(parseSettingsPatch, null as SettingsPatch | null),
  account: accountShape.nullish().transform((account): AccountRequest | null => account ?? null),
  issuedBy: optional(textCutAt(NAME_LENGTH_MAX), null),
  reason: optional(textCutAt(REASON_LENGTH_MAX), null),
  time: optional(parseInstant, null),
  signature: optional(textCutAt(SIGNATURE_LENGTH_KEPT), null),
});

/** Nothing is issued after the broker took it: a clock that is ahead makes no command younger than those after it. */
const issuedAt = (time: Instant | null, takenAt: Instant): Instant =>
  time === null || time > takenAt ? takenAt : time;

/** Without `id` it is where the record stands; without `time`, or with a later one, it is the broker's timestamp. */
export function decodeCommand(bytes: Uint8Array, meta: RecordMeta): Decoded<ReceivedCommand> {
  const object = decodeObject(bytes);
  if (!object.ok) return object;
  const shape = readShape(commandShape, object.value);
  if (!shape.ok) return shape;
  const command: Command = {
    ...shape.value,
    id: shape.value.id ?? recordId(meta.topic, meta.partition, meta.offset),
    time: issuedAt(shape.value.time, meta.timestamp),
  };
  const missing = missingField(command);
  if (missing) return refused(`${missing}: expected for ${command.action}, found nothing`);
  return accepted({ command, signedText: canonicalJson({ ...object.value, signature: undefined }) });
}

/** The plain message of a command, without `v`; `signature` is left out where there is none. */
export function commandMessage(command: Command): Record<string, unknown> {
  return {
    id: command.id,
    action: command.action,
    ...(command.accountId === null ? {} : { accountId: command.accountId }),
    ...(command.tradeId === null ? {} : { tradeId: command.tradeId }),
    ...(command.settings === null ? {} : { settings: settingsToJson(command.settings) }),
    ...(command.account === null
      ? {}
      : { account: { ...command.account, initialBalance: formatMoney(command.account.initialBalance) } }),
    ...(command.issuedBy === null ? {} : { issuedBy: command.issuedBy }),
    ...(command.reason === null ? {} : { reason: command.reason }),
    time: command.time,
    ...(command.signature === null ? {} : { signature: command.signature }),
  };
}

export const encodeCommand = (command: Command): Uint8Array => encodeObject(commandMessage(command));

/** The text that a command's signature is made over. */
export const signedTextOf = (command: Command): string =>
  canonicalJson({ v: 1, ...commandMessage({ ...command, signature: null }) });

function missingField(command: Command): string | null {
  if (command.action === 'CLOSE_POSITION') return command.tradeId === null ? 'tradeId' : null;
  if (command.action === 'UPDATE_SETTINGS') return command.settings === null ? 'settings' : null;
  if (command.action !== 'OPEN_ACCOUNT') return null;
  if (command.accountId === null) return 'accountId';
  return command.account === null ? 'account' : null;
}

/** Account ids carry no colon: event and trade ids are built from them. */
function parseAccountId(input: unknown): string {
  const id = parseId(input);
  if (id.includes(':')) throw new ValueError('an account id without a colon', input);
  return id;
}

function parseBalance(input: unknown): Money {
  const balance = parseMoney(input);
  if (balance <= 0n) throw new ValueError('an initial balance above 0', input);
  return balance;
}
