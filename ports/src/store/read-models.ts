/** Read models of a world: what the API asks for. Written with the journal, idempotently; rebuilt from it. */
import type {
  Account,
  Command,
  CommandStep,
  Decision,
  DecisionOutcome,
  DenialReason,
  ExitReason,
  Instant,
  Interval,
  MarketCandle,
  Money,
  PriceBook,
  Signal,
  SignalAction,
  Trade,
  TradeStatus,
  TradingEvent,
} from '@kairos/schema';
import type { AccountMark, WorldNotes } from './journal.js';

/** Rows of read models that the journal entry itself does not carry. */
export interface ReadModelRows {
  /** Closed and open candles as taken; the newest per symbol, interval and open time stays. */
  readonly candles: readonly MarketCandle[];
  readonly signals: readonly StoredSignal[];
  readonly equity: readonly StoredEquityPoint[];
  /** Commands taken from the bus, with the accounts they concerned. */
  readonly commands: readonly TakenCommand[];
  /** Steps that no event carries: refusals of commands for accounts that do not exist. */
  readonly steps: readonly (CommandStep & { readonly commandId: string })[];
}

export interface StoredSignal extends Signal {
  /** Wall time. */
  readonly receivedAt: Instant;
}

export interface StoredEquityPoint {
  readonly accountId: string;
  /** World time. */
  readonly time: Instant;
  readonly equity: Money;
  readonly balance: Money;
}

export interface TakenCommand {
  readonly command: Command;
  readonly accountIds: readonly string[];
}

/** One account with everything that is answered together. */
export interface AccountView {
  readonly account: Account;
  readonly openTrades: readonly Trade[];
  readonly mark: AccountMark;
  /** Wall time. */
  readonly createdAt: Instant;
}

/** A page of rows, newest first. `cursor` of a row is opaque text, stable under inserts. */
export interface Page<T> {
  readonly rows: readonly { readonly cursor: string; readonly row: T }[];
  readonly hasNext: boolean;
}

export interface PageRequest {
  readonly first: number;
  /** A cursor of an earlier page. @throws PortError INVALID when it is none. */
  readonly after: string | null;
}

export interface TradeQuery {
  readonly accountId: string;
  readonly status?: TradeStatus;
  readonly symbols?: readonly string[];
  readonly exitReasons?: readonly ExitReason[];
  /** By entry time: from ≤ entryTime < to. */
  readonly from?: Instant;
  readonly to?: Instant;
  /** pnl > 0, or pnl <= 0 when false; closed trades only. */
  readonly profitable?: boolean;
}

export interface DecisionQuery {
  readonly accountId: string;
  readonly outcome?: DecisionOutcome;
  readonly reasons?: readonly DenialReason[];
  readonly from?: Instant;
  readonly to?: Instant;
}

export interface SignalQuery {
  readonly symbols?: readonly string[];
  readonly action?: SignalAction;
  readonly minConfidence?: number;
  readonly from?: Instant;
  readonly to?: Instant;
}

export interface CandleQuery {
  readonly symbol: string;
  readonly interval: Interval;
  /** from ≤ open time < before; the newest `last` of them, oldest first. */
  readonly from?: Instant;
  readonly before?: Instant;
  readonly last: number;
}

export interface EquityQuery {
  readonly accountId: string;
  /** from ≤ time ≤ to. */
  readonly from?: Instant;
  readonly to?: Instant;
  /** At most this many points, thinned: the lowest and highest of each stretch and both ends stay. */
  readonly pointsMax: number;
}

export interface ClosingEquityQuery {
  readonly accountId: string;
  /** after < time ≤ to; left out: from the first, to the newest. */
  readonly after?: Instant;
  readonly to?: Instant;
  /** At most this many days, the oldest. */
  readonly daysMax: number;
}

/** How far the trader's commits are. With several shards: the one furthest behind. */
export interface Progress {
  readonly worldTime: Instant | null;
  readonly entry: number;
  /** Wall time of the newest entry. */
  readonly committedAt: Instant;
  readonly notes: WorldNotes;
}

export interface ReadModels {
  /** Null before the first entry. */
  progress(): Promise<Progress | null>;
  /**
   * Text that changes whenever something was committed: cheap enough to ask every 20 ms.
   * The same text twice means that nothing has changed.
   */
  version(): Promise<string>;
  accounts(): Promise<readonly AccountView[]>;
  account(id: string): Promise<AccountView | null>;
  /** Newest prices as of the newest commit. */
  prices(): Promise<readonly PriceBook[]>;
  trade(id: string): Promise<Trade | null>;
  /** Newest entry first. */
  trades(query: TradeQuery, page: PageRequest): Promise<Page<Trade>>;
  /** Counted up to `max` + 1. */
  countTrades(query: TradeQuery, max: number): Promise<number>;
  /** Closed trades of an account whose last event is after `afterSeq`, oldest exit first, at most `limit`. */
  closedTrades(accountId: string, afterSeq: number, limit: number): Promise<readonly Trade[]>;
  decisions(query: DecisionQuery, page: PageRequest): Promise<Page<Decision>>;
  countDecisions(query: DecisionQuery, max: number): Promise<number>;
  /** Decisions of these signals for these accounts. */
  decisionsOf(signalIds: readonly string[], accountIds: readonly string[]): Promise<readonly Decision[]>;
  signals(query: SignalQuery, page: PageRequest): Promise<Page<StoredSignal>>;
  countSignals(query: SignalQuery, max: number): Promise<number>;
  signalsById(ids: readonly string[]): Promise<readonly StoredSignal[]>;
  candles(query: CandleQuery): Promise<readonly MarketCandle[]>;
  equity(query: EquityQuery): Promise<readonly StoredEquityPoint[]>;
  /** The newest point within each UTC day, oldest first. A point at 24:00 counts to the day that it ends. */
  closingEquity(query: ClosingEquityQuery): Promise<readonly StoredEquityPoint[]>;
  /** An account's events after `afterSeq` in order of seq, at most `limit`. */
  events(accountId: string, afterSeq: number, limit: number): Promise<readonly TradingEvent[]>;
  takenCommand(id: string): Promise<TakenCommand | null>;
  /** Steps of a command in the order in which they happened. */
  steps(commandId: string): Promise<readonly CommandStep[]>;
  /** Ids of the newest commands that concerned an account (null: any), newest first. */
  commandIds(accountId: string | null, last: number): Promise<readonly string[]>;
}
