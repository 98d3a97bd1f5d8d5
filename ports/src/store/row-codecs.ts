/** The documents in the rows of the read models, as JSON text. */
import type { Command, Decision, Instant, MarketCandle, PriceBook, Trade, TradingEvent } from '@kairos/schema';
import {
  accountCodec,
  candleCodec,
  commandMessage,
  type CommandStep,
  decisionCodec,
  decodeCommand,
  eventCodec,
  jsonCodec,
  type JsonCodec,
  listOf,
  markCodec,
  notesCodec,
  priceBookCodec,
  signalCodec,
  stepCodec,
  TOPICS,
  tradeCodec,
  ValueError,
} from '@kairos/schema';
import { PortError } from '../errors.js';
import type { AccountMark, WorldNotes } from './journal.js';
import type { AccountView, StoredSignal } from './read-models.js';

/** A document as text. `read` throws PortError CORRUPT when the text is not what was written. */
export interface DocCodec<T> {
  write(value: T): string;
  read(text: unknown): T;
}

function docCodec<T>(name: string, codec: JsonCodec<T>): DocCodec<T> {
  return {
    write: (value) => JSON.stringify(codec.write(value)),
    read: (text) => readDoc(name, text, codec.read),
  };
}

function readDoc<T>(name: string, text: unknown, read: (input: unknown) => T): T {
  try {
    return read(JSON.parse(String(text)));
  } catch (error) {
    if (!(error instanceof ValueError || error instanceof SyntaxError)) throw error;
    throw new PortError(
      'CORRUPT',
      `expected a stored ${name}, found other text: restore the file from a backup`,
      error,
    );
  }
}

/** An account and its open trades: what events change. */
type Books = Pick<AccountView, 'account' | 'openTrades'>;

const booksCodec = jsonCodec<Books>('account', { account: accountCodec, openTrades: listOf(tradeCodec) });

const storedSignalCodec: JsonCodec<StoredSignal> = {
  write: (signal) => ({ ...signalCodec.write(signal), receivedAt: signal.receivedAt }),
  read: (input) => ({
    ...signalCodec.read(input),
    receivedAt: (input as { receivedAt: Instant }).receivedAt,
  }),
};

/** A stored command keeps its own time: no broker has stamped it. */
const LAST_INSTANT = Number.MAX_SAFE_INTEGER as Instant;

const commandDoc: DocCodec<Command> = {
  write: (command) => JSON.stringify(commandMessage(command)),
  read(text) {
    const record = { topic: TOPICS.commands, partition: 0, offset: 0, timestamp: LAST_INSTANT };
    const decoded = decodeCommand(new TextEncoder().encode(String(text)), record);
    if (decoded.ok) return decoded.value.command;
    throw new PortError('CORRUPT', `expected a stored command, found: ${decoded.error.reason}`);
  },
};

const textsDoc: DocCodec<readonly string[]> = {
  write: (values) => JSON.stringify(values),
  read: (text) => readDoc('list of ids', text, (input) => input as readonly string[]),
};

export const DOCS = {
  books: docCodec<Books>('account', booksCodec),
  mark: docCodec<AccountMark>('account mark', markCodec),
  trade: docCodec<Trade>('trade', tradeCodec),
  decision: docCodec<Decision>('decision', decisionCodec),
  signal: docCodec<StoredSignal>('signal', storedSignalCodec),
  candle: docCodec<MarketCandle>('candle', candleCodec),
  event: docCodec<TradingEvent>('event', eventCodec),
  step: docCodec<CommandStep>('step', stepCodec),
  priceBook: docCodec<PriceBook>('price book', priceBookCodec),
  notes: docCodec<WorldNotes>('notes', notesCodec),
  command: commandDoc,
  texts: textsDoc,
};
