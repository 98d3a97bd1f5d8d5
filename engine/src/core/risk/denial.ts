/** A no, with what was compared and with which limit at that moment, as decimal text. */
import type { DenialReason, Rate } from '@kairos/schema';
import { divide, formatDecimal, formatRate, MONEY_DECIMALS, ONE_RATE } from '@kairos/schema';

export interface Denial {
  readonly reason: DenialReason;
  readonly observed: string | null;
  readonly limit: string | null;
}

export const denied = (reason: DenialReason, observed: string | null = null, limit: string | null = null): Denial => ({
  reason,
  observed,
  limit,
});

export const secondsText = (ms: number): string => formatDecimal(BigInt(Math.round(ms)), 3);

/** A part of a whole as a fraction, cut to 8 decimals; 0 of nothing. */
export const shareText = (part: bigint, whole: bigint): string =>
  formatRate((whole === 0n ? 0n : divide(part * ONE_RATE, whole, 'down')) as Rate);

/** A ratio at its shortest decimal text, cut to 8 decimals. */
export function ratioText(ratio: number): string {
  return ratio
    .toFixed(MONEY_DECIMALS + 4)
    .slice(0, -4)
    .replace(/\.?0+$/, '');
}
