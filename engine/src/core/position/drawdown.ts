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
  // No peak is lower than one before it: a fall that is not deeper in money is not in percent either.
  if (fall <= account.maxDrawdown) return false;
  const percent = drawdownPercentOf(equity, account.peakEquity);
  account.maxDrawdown = fall;
  if (percent > account.maxDrawdownPercent) account.maxDrawdownPercent = percent;
  return true;
}
