/** Whether an entry may be appended: the rules that fence an old owner out, the same for every adapter. */
import { ENTRY_BYTES_MAX } from '@kairos/schema';
import { PortError } from '../errors.js';
import type { JournalEntry, JournalHead } from './journal.js';

/** What an adapter found: the shard's head, and the bytes stored under the entry's number, null = none. */
export interface Found {
  readonly head: JournalHead;
  readonly stored: Uint8Array | null;
  /** The bytes of the entry to append. */
  readonly bytes: Uint8Array;
}

/**
 * True when the entry is to be written, false when the same bytes are there already.
 *
 * @throws PortError FENCED when its number is taken by another entry or its epoch is over, CONFLICT when it leaves a
 *   gap, INVALID when it has no number or is larger than ENTRY_BYTES_MAX.
 */
export function checkAppend(entry: JournalEntry, { head, stored, bytes }: Found): boolean {
  const name = `entry ${entry.entry} of shard ${entry.shard}`;
  if (!Number.isSafeInteger(entry.entry) || entry.entry < 1) {
    throw new PortError('INVALID', `expected an entry numbered from 1, found ${name}`);
  }
  if (bytes.length > ENTRY_BYTES_MAX) {
    throw new PortError('INVALID', `expected ${name} to have at most ${ENTRY_BYTES_MAX} bytes, found ${bytes.length}`);
  }
  if (stored) {
    if (Buffer.compare(stored, bytes) === 0) return false;
    throw new PortError('FENCED', `${name} was written by ${head.owner ?? 'another owner'}: load the journal again`);
  }
  if (entry.epoch < head.epoch) {
    throw new PortError(
      'FENCED',
      `${name} has epoch ${entry.epoch}, but ${head.owner ?? 'another owner'} holds epoch ${head.epoch}: load the journal again`,
    );
  }
  if (entry.entry !== head.entry + 1) {
    throw new PortError('CONFLICT', `expected entry ${head.entry + 1} next, found ${name}: load the journal again`);
  }
  return true;
}

/** Whether an entry ends positions or trading and begins none: it may go where others have to wait for room. */
export function makesSafer(entry: JournalEntry): boolean {
  const types = new Set(entry.events.map((event) => event.type));
  const isExit = (['TRADE_CLOSED', 'TRADING_STOPPING', 'TRADING_STOPPED'] as const).some((type) => types.has(type));
  return isExit && !types.has('TRADE_OPENED');
}
