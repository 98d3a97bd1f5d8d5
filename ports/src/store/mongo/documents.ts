/** The documents of a world's collections: real fields that a person can read, query and sort by in mongosh. */
import type {
  Account,
  AccountRequest,
  Command,
  CommandStep,
  Decision,
  FieldCodec,
  FieldForm,
  Instant,
  MarketCandle,
  PriceBook,
  SettingsPatch,
  Trade,
  TradingEvent,
} from '@kairos/schema';
import {
  accountCodec,
  ACCOUNT_MODES,
  candleCodec,
  COMMAND_ACTIONS,
  decisionCodec,
  decodeTradingEvent,
  jsonCodec,
  markCodec,
  notesCodec,
  nullable,
  priceBookCodec,
  SETTINGS_FIELDS,
  signalCodec,
  stepCodec,
  tradeCodec,
  tradingEventText,
  ValueError,
} from '@kairos/schema';
import type { AccountMark, WorldNotes } from '../journal.js';
import type { AccountRow } from '../projection.js';
import type { StoredEquityPoint, StoredSignal } from '../read-models.js';
import type { BsonCodec, DocumentCodec } from './bson-codec.js';
import { documentCodec, instantBson, listBson, nullableBson, numberBson, textBson } from './bson-codec.js';

/** A document; `_id` is the natural id where there is one. */
export interface StoredDocument {
  readonly _id: string | number;
  readonly [field: string]: unknown;
}

/** How rows of one kind stand in their collection; fields beside theirs are ignored on reading. */
export interface RowCodec<T> {
  write(row: T): StoredDocument;
  /** @throws ValueError */
  read(document: StoredDocument): T;
  /** By name of the field, for the collection's validator. */
  readonly fields: Readonly<Record<string, BsonCodec<unknown>>>;
}

/** A row whose field `key` stands as `_id`. */
export function rowCodec<T>(codec: DocumentCodec<T>, key: keyof T & string): RowCodec<T> {
  const { [key]: id, ...others } = codec.fields;
  return {
    fields: { _id: id!, ...others },
    write(row) {
      const { [key]: _id, ...fields } = codec.write(row);
      return { _id, ...fields } as StoredDocument;
    },
    read: (document) => codec.read({ ...document, [key]: document._id }),
  };
}

/** One of some words. */
export const wordOf = (words: readonly string[]): FieldCodec => ({
  write: (word) => word,
  read(input) {
    if (!words.includes(input as string)) throw new ValueError(`one of ${words.join(' ')}`, input);
    return input;
  },
});

const settings = documentCodec<SettingsPatch>('settings', { parts: { fields: SETTINGS_FIELDS } }).fields;

/** Settings to change: those that are left out are left out of the document too. */
const patchBson: BsonCodec<SettingsPatch> = {
  types: ['object'],
  write: (patch) => mapFields(patch, (field, value) => field.write(value)),
  read: (input) => mapFields((input ?? {}) as object, (field, value) => field.read(value)) as SettingsPatch,
};

function mapFields(object: object, map: (field: BsonCodec<unknown>, value: unknown) => unknown): object {
  const known = Object.entries(object).filter(([name, value]) => name in settings && value !== undefined);
  return Object.fromEntries(known.map(([name, value]) => [name, map(settings[name]!, value)]));
}

const requestCodec = jsonCodec<AccountRequest>('account request', {
  name: 'text',
  mode: wordOf(ACCOUNT_MODES),
  initialBalance: 'money',
  userId: 'text',
});

type CommandHead = Omit<Command, 'settings'>;
const headBson = documentCodec<CommandHead>(
  'command',
  jsonCodec<CommandHead>('command', {
    id: 'text',
    action: wordOf(COMMAND_ACTIONS),
    accountId: 'text?',
    tradeId: 'text?',
    account: nullable(requestCodec),
    issuedBy: 'text?',
    reason: 'text?',
    time: 'instant',
    signature: 'text?',
  }),
);
const patchOrNull = nullableBson(patchBson);

export const commandBson: DocumentCodec<Command> = {
  types: ['object'],
  fields: { ...headBson.fields, settings: patchOrNull as BsonCodec<unknown> },
  write: (command) => ({ ...headBson.write(command), settings: patchOrNull.write(command.settings) }),
  read: (input) => ({
    ...headBson.read(input),
    settings: patchOrNull.read((input as { settings?: unknown }).settings),
  }),
};

const signalFields = (signalCodec.parts as { readonly fields: Readonly<Record<string, FieldForm>> }).fields;
export const signalBson = documentCodec<StoredSignal>('signal', {
  parts: { fields: { ...signalFields, receivedAt: 'instant' } },
});

export const pointBson = documentCodec<StoredEquityPoint>('equity point', {
  parts: { fields: { accountId: 'text', time: 'instant', equity: 'money', balance: 'money' } },
});

export const candleBson = documentCodec<MarketCandle>('candle', candleCodec);
export const stepBson = documentCodec<CommandStep>('step', stepCodec);
export const markBson = documentCodec<AccountMark>('account mark', markCodec);
export const notesBson = documentCodec<WorldNotes>('notes', notesCodec);
export const bookBson = documentCodec<PriceBook>('price book', priceBookCodec);
const tradeBson = documentCodec<Trade>('trade', tradeCodec);

export const TRADE_ROW = rowCodec(tradeBson, 'id');
export const DECISION_ROW = rowCodec(documentCodec<Decision>('decision', decisionCodec), 'id');
export const SIGNAL_ROW = rowCodec(signalBson, 'id');
export const COMMAND_ROW = rowCodec(commandBson, 'id');

const encoder = new TextEncoder();

/**
 * An event stands as the message that was published, beside what it is looked up by: the journal has it field by field,
 * and so have the collections of trades and decisions.
 */
export const EVENT_ROW: RowCodec<TradingEvent> = {
  fields: {
    _id: textBson,
    accountId: textBson,
    seq: numberBson,
    type: textBson,
    time: instantBson,
    message: textBson,
  } as Readonly<Record<string, BsonCodec<unknown>>>,
  write: (event) => ({
    _id: textBson.write(event.id) as string,
    accountId: textBson.write(event.accountId),
    seq: event.seq,
    type: event.type,
    time: instantBson.write(event.time),
    message: tradingEventText(event),
  }),
  read({ message }) {
    const event = decodeTradingEvent(encoder.encode(textBson.read(message)));
    if (event.ok) return event.value;
    throw new ValueError(`the message of an event (${event.error.reason})`, message);
  },
};

const accountRow = rowCodec(documentCodec<Account>('account', accountCodec), 'id');
const openTradesBson = listBson(tradeBson);

/** An account is one document: its books, their open trades and the mark; `openTradeCount` is how many it has. */
export const ACCOUNT_ROW: RowCodec<AccountRow> = {
  fields: {
    ...accountRow.fields,
    openTradeCount: numberBson as BsonCodec<unknown>,
    openTrades: openTradesBson as BsonCodec<unknown>,
    mark: markBson as BsonCodec<unknown>,
    createdAt: instantBson as BsonCodec<unknown>,
    entry: numberBson as BsonCodec<unknown>,
  },
  write({ view, entry }) {
    const { openTrades: openTradeCount, ...account } = accountRow.write(view.account);
    return {
      ...account,
      openTradeCount,
      openTrades: openTradesBson.write(view.openTrades),
      mark: markBson.write(view.mark),
      createdAt: instantBson.write(view.createdAt),
      entry,
    } as StoredDocument;
  },
  read(document) {
    const account = accountRow.read({ ...document, openTrades: document['openTradeCount'] });
    const view = {
      account,
      openTrades: openTradesBson.read(document['openTrades']),
      mark: markBson.read(document['mark']),
      createdAt: instantBson.read(document['createdAt']) as Instant,
    };
    return { view, entry: numberBson.read(document['entry']) };
  },
};
