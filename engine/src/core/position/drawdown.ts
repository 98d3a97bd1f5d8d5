import type { AccountState, EngineState } from '../state.js';
import { drawdownPercentOf, minus } from '@kairos/schema';
import { equityOf } from './valuation.js';

/** Notes a new peak or a deeper fall of the account's equity; true when one of them changed. */
export function trackDrawdown(state: EngineState, account: AccountState): boolean {
  const equity = equityOf(state, account);
  if (equity >= account.peakEquity) {
    if (equity === account.peakEquity) return false;
    account.peakEquity = equity;
    return true;
  }
  const fall = minus(account.peakEquity, equity);
  const percent = drawdownPercentOf(equity, account.peakEquity);
  const isDeeper = fall > account.maxDrawdown || percent > account.maxDrawdownPercent;
  if (fall > account.maxDrawdown) account.maxDrawdown = fall;
  if (percent > account.maxDrawdownPercent) account.maxDrawdownPercent = percent;
  return isDeeper;
}
