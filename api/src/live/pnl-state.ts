/** An account's live figures. */
import type { AccountView } from '@kairos/ports';
import type { Instant } from '@kairos/schema';
import type { EntryBlock } from './entry-blocks.js';
import type { Valuation } from './valuation.js';

export interface PnlState {
  readonly view: AccountView;
  readonly valuation: Valuation;
  /** World time. */
  readonly time: Instant;
  /** Wall time. */
  readonly sentAt: Instant;
  /** Wall-clock age of the newest price of any open or traded symbol; null before the first. */
  readonly priceAgeMs: number | null;
  readonly entryBlocks: readonly EntryBlock[];
}
