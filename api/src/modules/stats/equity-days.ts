/**
 * What follows from an account's daily equity. Each day is read and folded once per process, but for the newest: more
 * may still come of it, and it ends in the equity of this moment.
 */
import type { ClosingEquityQuery, ReadModels } from '@kairos/ports';
import type { Account, EquityPerformance, EquityPerformanceState, EquitySample, Instant } from '@kairos/schema';
import { addMs, DAY_MS, dayEndOf, equityPerformance } from '@kairos/schema';
import { given } from '../arguments.js';
import { createKept } from './kept.js';
import type { Span } from './trade-pages.js';

export type EquityHistory = Pick<ReadModels, 'equity' | 'closingEquity' | 'events'>;

export interface EquityDays extends EquityPerformance {
  /** Where the figures begin, in world time: at the opening of the account, or with a span that begins later. */
  readonly begin: Instant;
}

export interface EquityDaysCache {
  /** Of the account's whole life up to now. */
  of(account: Account, now: EquitySample): Promise<EquityDays>;
}

/** Days that are read at a time. */
export const DAYS_READ_MAX = 1_000;

interface Known {
  readonly openedAt: Instant;
  readonly days: EquityPerformanceState;
}

export function createEquityDaysCache(history: EquityHistory): EquityDaysCache {
  const kept = createKept<Known | null>(null);
  return {
    of: (account, now) =>
      kept.change(account.id, async (known) => {
        const openedAt = known?.openedAt ?? (await openingOf(history, account, now));
        const fold = equityPerformance({ time: openedAt, equity: account.initialBalance });
        let days = known?.days ?? fold.initial;
        const after = addMs(days.day, -DAY_MS);
        for await (const point of closingPointsOf(history, { accountId: account.id, after })) {
          days = fold.add(days, point);
        }
        return { next: { openedAt, days }, answer: { ...fold.result(fold.add(days, now)), begin: openedAt } };
      }),
  };
}

/**
 * Of a span of an account's life: from its equity at the beginning, a point at that very time included, to the newest
 * at its end.
 */
export async function equityDaysWithin(
  history: EquityHistory,
  account: Account,
  { from, to, now }: Span & { readonly now: EquitySample },
): Promise<EquityDays> {
  const { id: accountId, initialBalance } = account;
  const openedAt = await openingOf(history, account, now);
  const isLater = from !== null && from > openedAt;
  const before = isLater ? await history.equity({ accountId, to: from, pointsMax: 2 }) : [];
  const begin = isLater ? from : openedAt;
  const fold = equityPerformance({ time: begin, equity: before.at(-1)?.equity ?? initialBalance });
  let days = fold.initial;
  for await (const point of closingPointsOf(history, { accountId, after: begin, to })) days = fold.add(days, point);
  const end = to === null || to >= now.time ? now : { time: to, equity: days.equity };
  return { ...fold.result(fold.add(days, end)), begin };
}

/** When an account was opened, in world time. */
async function openingOf(history: EquityHistory, account: Account, now: EquitySample): Promise<Instant> {
  const [opened] = await history.events(account.id, 0, 1);
  return opened?.time ?? now.time;
}

interface Range {
  readonly accountId: string;
  readonly after: Instant;
  readonly to?: Instant | null;
}

/** Closing points of days, read in pages. */
async function* closingPointsOf(history: EquityHistory, { accountId, after, to }: Range): AsyncGenerator<EquitySample> {
  for (let begin = after; ;) {
    const query: ClosingEquityQuery = { accountId, daysMax: DAYS_READ_MAX, ...given({ after: begin, to }) };
    const points = await history.closingEquity(query);
    yield* points;
    const last = points.at(-1);
    if (!last || points.length < DAYS_READ_MAX) return;
    begin = dayEndOf(last.time);
  }
}
