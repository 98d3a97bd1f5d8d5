/** Where prices come from, in one word: SIMULATED, REPLAY, or the exchange's name. */
import type { Account, SystemStatus } from '../api/fragments.js';

/** Null while not even the account's kind of prices is known. */
export function feedWord(
  system: Pick<SystemStatus, 'feed' | 'feedName'> | null,
  kind: Account['feed'] | null,
): string | null {
  const feed = system?.feed ?? kind;
  if (feed === null) return null;
  if (feed === 'SIMULATOR') return 'SIMULATED';
  if (feed === 'REPLAY') return 'REPLAY';
  return system?.feedName ? system.feedName.toUpperCase() : 'EXCHANGE';
}
