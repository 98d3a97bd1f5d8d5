/** Ids: text that people may read, always a function of what caused the thing. */
import { ValueError } from './errors.js';

/** Longest id taken from outside. */
export const ID_LENGTH_MAX = 200;

const ID_TEXT = /^[\x21-\x7e]+$/;

/** Reads an id: 1 to 200 printable ASCII characters without blanks. @throws ValueError */
export function parseId(input: unknown): string {
  if (typeof input !== 'string' || input.length > ID_LENGTH_MAX || !ID_TEXT.test(input)) {
    throw new ValueError(`an id of 1 to ${ID_LENGTH_MAX} printable characters without blanks`, input);
  }
  return input;
}

/** The id of an account's event. */
export const eventId = (accountId: string, seq: number): string => `${accountId}:${seq}`;

/** The id of the trade that a signal opened: neither account ids nor symbols contain a colon, so it is unique. */
export const tradeId = (accountId: string, symbol: string, signalId: string): string =>
  `${accountId}:${symbol}:${signalId}`;

/** The id of a message that brought none: where it stands on the bus. */
export const recordId = (topic: string, partition: number, offset: number): string => `${topic}:${partition}:${offset}`;

/** The id of a signal that brought a time but no id. `timeAsSent` is the time's own text. */
export const derivedSignalId = (symbol: string, timeAsSent: string, action: string): string =>
  `${symbol}:${timeAsSent}:${action}`;
