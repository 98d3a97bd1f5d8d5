/** What the driver throws, in the words of the ports. Messages never repeat the connection string or a password. */
import {
  MongoBulkWriteError,
  MongoClientClosedError,
  MongoCompatibilityError,
  MongoError,
  MongoNetworkError,
  MongoNetworkTimeoutError,
  MongoNotConnectedError,
  MongoServerError,
  MongoServerSelectionError,
  MongoTopologyClosedError,
  MongoWriteConcernError,
} from 'mongodb';
import { ValueError } from '@kairos/schema';
import { PortError, type PortErrorCode } from '../../errors.js';
import { redactText } from '../../log/redact.js';

const DUPLICATE_KEY = 11000;
const UNAUTHORIZED = 13;
const AUTHENTICATION_FAILED = 18;
/** Atlas answers with it for many reasons: a full quota and a refused login are told by their words. */
const ATLAS_ERROR = 8000;

type Meaning = readonly [PortErrorCode, string];

const NOT_ALLOWED: Meaning = ['INVALID', 'the user may not do this: grant it the role readWrite on the database'];
const REFUSED: Meaning = ['INVALID', 'the server refused the user or its password: check both, and authSource'];
const NO_ROOM: Meaning = ['FULL', 'no room is left on the server; free some space, nothing was lost'];
const TOO_SLOW: Meaning = ['TIMEOUT', 'the server did not finish in time, so the outcome is unknown; try again'];
const NO_PRIMARY: Meaning = ['UNAVAILABLE', 'the server takes no writes now (it stops, or another one takes over)'];
const BROKEN: Meaning = ['UNAVAILABLE', 'the connection broke; try again'];
const NO_SERVER: Meaning = [
  'UNAVAILABLE',
  'no server answers at MONGODB_URI: is it running, and does the address reach it?',
];
const TOO_LARGE: Meaning = ['INVALID', 'the document is larger than MongoDB allows'];

/** Codes of the server: what they mean for a caller. */
const MEANINGS: Readonly<Record<number, Meaning>> = {
  [DUPLICATE_KEY]: ['CONFLICT', 'it is stored already'],
  [UNAUTHORIZED]: NOT_ALLOWED,
  [AUTHENTICATION_FAILED]: REFUSED,
  50: TOO_SLOW,
  64: TOO_SLOW,
  89: TOO_SLOW,
  91: NO_PRIMARY,
  121: ['INVALID', 'the document does not fit the validator of its collection: start all processes in one version'],
  189: NO_PRIMARY,
  262: TOO_SLOW,
  10107: NO_PRIMARY,
  10334: TOO_LARGE,
  11600: NO_PRIMARY,
  11602: NO_PRIMARY,
  13435: NO_PRIMARY,
  13436: NO_PRIMARY,
  14031: NO_ROOM,
  17419: TOO_LARGE,
  17420: TOO_LARGE,
};

export const isDuplicateKey = (error: unknown): boolean =>
  error instanceof MongoServerError && error.code === DUPLICATE_KEY;

/** Whether nothing went wrong in a bulk write but that some documents were there already. */
export function isOnlyDuplicates(error: unknown): error is MongoBulkWriteError {
  if (!(error instanceof MongoBulkWriteError) || error.result.getWriteConcernError()) return false;
  const errors = [error.writeErrors].flat();
  return errors.length > 0 && errors.every((each) => each.code === DUPLICATE_KEY);
}

/** The error of a port for what was thrown while `what` was done; what the driver did not throw stays as it is. */
export function portErrorOf(error: unknown, what: string): unknown {
  if (error instanceof ValueError) {
    return new PortError('CORRUPT', `${what}: ${error.message}: the document was changed by hand or is damaged`, error);
  }
  const found = isNameLookup(error) ? nameLookup : isBrokenSocket(error) ? BROKEN : meaningOf(error);
  if (!found) return error;
  const [code, advice] = found;
  return new PortError(code, `${what}: ${advice} (${wordsOf(error as Error)})`, error);
}

function meaningOf(error: unknown): Meaning | null {
  if (!(error instanceof MongoError)) return null;
  if (error instanceof MongoServerSelectionError) return NO_SERVER;
  if (error instanceof MongoNetworkTimeoutError) return TOO_SLOW;
  if (error instanceof MongoNetworkError) return BROKEN;
  if (isClosing(error)) return ['UNAVAILABLE', 'the connection is closed'];
  if (error instanceof MongoCompatibilityError) return ['INVALID', 'expected MongoDB 4.4 or later'];
  const byCode = MEANINGS[Number(error.code)];
  if (byCode) return byCode;
  if (Number(error.code) === ATLAS_ERROR) return ofAtlas(error);
  if (error instanceof MongoWriteConcernError) return TOO_SLOW;
  return ['UNAVAILABLE', 'the server could not do it; try again'];
}

const isClosing = (error: MongoError): boolean =>
  error instanceof MongoTopologyClosedError ||
  error instanceof MongoClientClosedError ||
  error instanceof MongoNotConnectedError;

function ofAtlas(error: MongoError): Meaning {
  if (/quota|space/i.test(error.message)) return NO_ROOM;
  return /auth/i.test(error.message) ? REFUSED : NOT_ALLOWED;
}

/** A name of mongodb+srv that cannot be looked up is no error of the driver's own. */
const LOOKUP_CODES: readonly unknown[] = ['ENOTFOUND', 'ETIMEOUT', 'ESERVFAIL', 'ENODATA', 'ECONNREFUSED', 'EAI_AGAIN'];
const isNameLookup = (error: unknown): boolean =>
  error instanceof Error && !(error instanceof MongoError) && LOOKUP_CODES.includes((error as { code?: unknown }).code);
const nameLookup: Meaning = ['UNAVAILABLE', 'the name in MONGODB_URI cannot be looked up: check its spelling and DNS'];

/** A connection that breaks while the driver writes to it is no error of the driver's own either. */
const BROKEN_CODES: readonly unknown[] = ['ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ETIMEDOUT'];
const isBrokenSocket = (error: unknown): boolean =>
  error instanceof Error && !(error instanceof MongoError) && BROKEN_CODES.includes((error as { code?: unknown }).code);

/** Name and number of an error, and its own words where they help. */
function wordsOf(error: Error): string {
  const { codeName, code } = error as { codeName?: unknown; code?: unknown };
  const name = typeof codeName === 'string' ? codeName : error.name;
  return redactText(`${name}${code === undefined ? '' : ` ${String(code)}`}: ${error.message}`);
}
