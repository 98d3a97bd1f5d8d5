/** An account's live figures, made once per change for everybody who looks at the account. */
import type { AccountView, Clock } from '@kairos/ports';
import type { Instant } from '@kairos/schema';
import { createBroadcast } from './broadcast.js';
import type { Stream } from './channel.js';
import type { EntryBlock } from './entry-blocks.js';
import { entryBlocksOf } from './entry-blocks.js';
import { createPacer } from './pacer.js';
import { createShared } from './shared.js';
import type { PriceBooks, Valuation } from './valuation.js';
import { valueAccount } from './valuation.js';
import type { WatchedAccounts } from './watched-accounts.js';

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

/** Figures go out at most this often, and at least this often. */
export const PNL_GAP_MIN_MS = 250;
export const PNL_GAP_MAX_MS = 2_000;

/** What an account is seen against. */
export interface Surroundings {
  books(): PriceBooks;
  /** World time. */
  now(): Instant;
  /** Wall time at which a symbol's newest price became known. */
  priceHeardAt(symbol: string): Instant | null;
}

export interface PnlSources {
  /** The figures at once, then as they change. */
  subscribe(accountId: string): Promise<Stream<PnlState>>;
  /** Prices of these symbols have changed. */
  priceChanged(symbols: readonly string[]): void;
}

interface PnlSource {
  state(): PnlState;
  subscribe(onEnd: () => void): Stream<PnlState>;
  priceChanged(symbols: readonly string[]): void;
  close(): void;
}

export interface PnlDeps {
  readonly clock: Clock;
  readonly accounts: WatchedAccounts;
  readonly surroundings: Surroundings;
}

export function createPnlSources(deps: PnlDeps): PnlSources {
  const sources = createShared((accountId) => openSource(deps, accountId));
  return {
    async subscribe(accountId) {
      const { source, release } = await sources.acquire(accountId);
      return source.subscribe(release);
    },
    priceChanged(symbols) {
      for (const source of sources.open()) source.priceChanged(symbols);
    },
  };
}

export function pnlStateOf(view: AccountView, surroundings: Surroundings, wallNow: Instant): PnlState {
  const books = surroundings.books();
  const now = surroundings.now();
  const valuation = valueAccount(view, books);
  const symbols = new Set([...view.account.settings.symbols, ...view.openTrades.map((trade) => trade.symbol)]);
  const heard = [...symbols].flatMap((symbol) => surroundings.priceHeardAt(symbol) ?? []);
  return {
    view,
    valuation,
    time: now,
    sentAt: wallNow,
    priceAgeMs: heard.length === 0 ? null : Math.max(0, wallNow - Math.max(...heard)),
    entryBlocks: entryBlocksOf({ view, valuation, books, now }),
  };
}

async function openSource({ clock, accounts, surroundings }: PnlDeps, accountId: string): Promise<PnlSource> {
  const broadcast = createBroadcast<PnlState>({ capacity: 1, keyOf: () => accountId });
  let view: AccountView | null = null;
  const state = (): PnlState => pnlStateOf(view as AccountView, surroundings, clock.now());
  const pace = { gapMinMs: PNL_GAP_MIN_MS, gapMaxMs: PNL_GAP_MAX_MS };
  const pacer = createPacer(clock, pace, () => {
    if (view) broadcast.push(state());
  });
  const watching = accounts.watch(accountId, (next) => {
    const isNews = view !== null && (next.account.seq !== view.account.seq || !isSameMark(next, view));
    view = next;
    if (isNews) pacer.touch();
  });
  const leave = await watching.catch((error: unknown) => {
    pacer.stop();
    throw error;
  });
  return {
    state,
    subscribe: (onEnd) => broadcast.subscribe({ initial: [state()], onEnd }),
    priceChanged(symbols) {
      if (view?.openTrades.some((trade) => symbols.includes(trade.symbol))) pacer.touch();
    },
    close() {
      pacer.stop();
      leave();
    },
  };
}

/** Whether the figures of the day and the peak are the same. */
function isSameMark({ mark: a }: AccountView, { mark: b }: AccountView): boolean {
  return (
    a.dayStart === b.dayStart && a.dayOpeningEquity === b.dayOpeningEquity && a.dayRealizedPnl === b.dayRealizedPnl
  );
}
