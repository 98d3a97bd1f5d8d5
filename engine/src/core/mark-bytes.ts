import type { SignalMark } from '@kairos/schema';
import type { AccountState } from './state.js';

/** Names of fields and figures of a mark, of one of its entries, and of an order that closes a position. */
const MARK_BYTES = 640;
const FIGURE_BYTES = 40;
const CLOSING_BYTES = 200;

/** Each character of an id takes at most two bytes. */
const textBytes = (text: string | null): number => 2 * (text?.length ?? 0);

/** How many bytes an account's mark takes in an entry of the journal: rather more. */
export function markBytes({ account, peakPrices, lastLossAt, stopCommands, closings }: AccountState): number {
  let bytes = MARK_BYTES + textBytes(account.id);
  for (let index = 0; index < peakPrices.size; index++) bytes += FIGURE_BYTES + textBytes(peakPrices.nameAt(index));
  for (let index = 0; index < lastLossAt.size; index++) bytes += FIGURE_BYTES + textBytes(lastLossAt.nameAt(index));
  for (const commandId of stopCommands) bytes += FIGURE_BYTES + textBytes(commandId);
  for (let index = 0; index < closings.size; index++) {
    const { tradeId, commandId } = closings.at(index);
    bytes += CLOSING_BYTES + textBytes(tradeId) + textBytes(commandId);
  }
  return bytes;
}

/** How many bytes a symbol's prices take: rather more. */
export const BOOK_BYTES = 512;

/** How many bytes a signal's mark takes: rather more. */
export const signalMarkBytes = ({ id, content }: SignalMark): number =>
  CLOSING_BYTES + textBytes(id) + textBytes(content);
