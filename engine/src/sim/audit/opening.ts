/** The books of a new account. */
import type { AccountSettings, Command, Instant } from '@kairos/schema';
import { DAY_MS } from '@kairos/schema';
import type { Books } from './books.js';
import { widen } from './figures.js';

/** Null where the request cannot be obeyed: only paper accounts are opened. */
export function openBooks(
  { id, accountId, account, settings, time }: Command,
  { now, wall, defaults }: { readonly now: Instant; readonly wall: Instant; readonly defaults: AccountSettings },
): Books | null {
  if (accountId === null || account?.mode !== 'PAPER') return null;
  const initial = widen(account.initialBalance);
  return {
    id: accountId,
    initial,
    settings: { ...defaults, ...settings },
    status: 'RUNNING',
    seq: 0,
    open: new Map(),
    pnl: 0n,
    fees: 0n,
    closed: 0,
    wins: 0,
    losses: 0,
    dayStart: Math.floor(now / DAY_MS) * DAY_MS,
    dayOpeningEquity: initial,
    dayPnl: 0n,
    peakEquity: initial,
    maxDrawdown: 0n,
    lastLossAt: new Map(),
    openedAt: time < wall ? time : wall,
    resumedAt: null,
    stoppedAt: null,
    stops: [],
    closings: new Map(),
    heard: new Set([id]),
  };
}
