/**
 * One account as the page knows it: queried at load and after each loss of the line, carried on by pushes.
 *
 * Facts (trades, decisions) go on after the last one taken; when the API has forgotten too much (CONFLICT), or the
 * books were begun anew, everything is asked again and the streams start from there.
 */
import type { Api } from '../api/client.js';
import type { ApiError } from '../api/errors.js';
import { errorOf } from '../api/errors.js';
import type { Account, LivePnl, Signal, Stats, Trade } from '../api/fragments.js';
import * as ask from '../api/operations.js';
import * as streams from '../api/subscriptions.js';
import { isSettled } from './command.js';
import type { Commands } from './commands.svelte.js';
import type { Connection } from './connection.svelte.js';
import { EquityCurve } from './equity-curve.svelte.js';
import type { Inbox, Painter } from './newest.js';
import { createInbox } from './newest.js';
import type { PnlState } from './pnl.js';
import { forgetOrder, noPnl, reducePnl } from './pnl.js';
import type { SignalsState } from './signals.js';
import { mergeSignals, noSignals, reduceDecision, reduceSignal, SIGNALS_SHOWN } from './signals.js';
import type { Stream, StreamRequest } from './stream.js';
import type { Timing } from './timing.js';
import type { TradesState } from './trades.js';
import { mergeTrades, noTrades, reduceTrade, TRADES_SHOWN } from './trades.js';

/** Statistics are asked again after a closing trade, at most this often. */
export const STATS_INTERVAL_MS = 2_000;
/** A stream that the API ended is asked for again after this long. */
export const STREAM_RETRY_MS = 3_000;
/** Signals held back for one paint at the most. */
const SIGNALS_HELD_MAX = 200;

export interface DeskDeps {
  readonly api: Api;
  readonly connection: Connection;
  readonly commands: Commands;
  readonly timing: Timing;
  readonly painter: Painter;
}

export type Panel = 'trades' | 'signals' | 'stats';

export class Desk {
  readonly accountId: string;
  readonly curve: EquityCurve;
  readonly #deps: DeskDeps;
  #account = $state.raw<Account>() as Account;
  #pnl = $state.raw<PnlState>(noPnl);
  #trades = $state.raw<TradesState>(noTrades(0));
  #signals = $state.raw<SignalsState>(noSignals(0));
  #stats = $state.raw<Stats | null>(null);
  #problems = $state.raw<Readonly<Partial<Record<Panel, string>>>>({});
  #isLoaded = $state.raw(false);
  readonly #frames: Inbox<LivePnl>;
  readonly #published: Inbox<Signal>;
  #streams: Stream[] = [];
  #cancels = new Set<() => void>();
  #run = 0;
  #asking: Promise<Account | null> | null = null;
  #isResyncing = false;
  #isStatsDue = false;

  constructor(deps: DeskDeps, account: Account) {
    this.#deps = deps;
    this.accountId = account.id;
    this.curve = new EquityCurve(deps.api, deps.timing, account.id);
    this.#account = account;
    this.#trades = noTrades(account.seq);
    this.#signals = noSignals(account.seq);
    this.#frames = createInbox(deps.painter, 1, (frames) => frames.forEach((frame) => this.#takeFrame(frame)));
    this.#published = createInbox(deps.painter, SIGNALS_HELD_MAX, (signals) => {
      this.#signals = signals.reduce(reduceSignal, this.#signals);
    });
  }

  get account(): Account {
    return this.#account;
  }
  get pnl(): PnlState {
    return this.#pnl;
  }
  /** Live figures; null before the first frame. */
  get live(): LivePnl | null {
    return this.#pnl.frame;
  }
  /** The newest, newest entry first. */
  get trades(): readonly Trade[] {
    return this.#trades.trades;
  }
  get signals(): SignalsState {
    return this.#signals;
  }
  get stats(): Stats | null {
    return this.#stats;
  }
  /** What could not be loaded, and why. */
  get problems(): Readonly<Partial<Record<Panel, string>>> {
    return this.#problems;
  }
  /** Whether the first answers have come: before it, empty does not mean none. */
  get isLoaded(): boolean {
    return this.#isLoaded;
  }
  /** The newest fact taken. */
  get seq(): number {
    return Math.max(this.#trades.seq, this.#signals.seq);
  }

  start(): void {
    const { accountId } = this;
    this.#cancels.add(this.#deps.connection.onOpen(() => void this.reload()));
    this.#keep({
      document: streams.livePnlSubscription,
      variables: () => ({ accountId }),
      next: ({ livePnl }) => this.#frames.push(livePnl),
    });
    this.#keep({
      document: streams.tradeSubscription,
      variables: () => ({ accountId, afterSeq: this.#trades.seq }),
      next: ({ tradeUpdated }) => this.#takeTrade(tradeUpdated),
    });
    this.#keep({
      document: streams.decisionSubscription,
      variables: () => ({ accountId, afterSeq: this.#signals.seq }),
      next: ({ decisionMade }) => {
        this.#signals = reduceDecision(this.#signals, decisionMade);
      },
    });
    this.#keep({
      document: streams.signalSubscription,
      variables: () => ({}),
      next: ({ signalPublished }) => this.#published.push(signalPublished),
    });
    void this.#load();
  }

  stop(): void {
    this.#run += 1;
    this.curve.stop();
    this.#frames.stop();
    this.#published.stop();
    for (const stream of this.#streams) stream.stop();
    for (const cancel of this.#cancels) cancel();
    this.#streams = [];
    this.#cancels.clear();
  }

  /** Asks everything again; what is shown stays meanwhile. */
  async reload(): Promise<void> {
    const account = await this.refreshAccount();
    if (account && account.seq < this.seq) this.#begin(account);
    await this.#load();
  }

  /** Reads the account again, one request at a time; null when there is no answer. */
  refreshAccount(): Promise<Account | null> {
    this.#asking ??= this.#askAccount().finally(() => {
      this.#asking = null;
    });
    return this.#asking;
  }

  #keep<Data, Variables extends Record<string, unknown>>(
    request: Omit<StreamRequest<Data, Variables>, 'failed'>,
  ): void {
    const failed = (error: ApiError): void => this.#restart(stream, error);
    const stream: Stream = this.#deps.connection.stream<Data, Variables>({ ...request, failed });
    this.#streams.push(stream);
  }

  #restart(stream: Stream, error: ApiError): void {
    if (error.code === 'CONFLICT') void this.#resync();
    else this.#after(STREAM_RETRY_MS, () => stream.restart());
  }

  async #resync(): Promise<void> {
    if (this.#isResyncing) return;
    this.#isResyncing = true;
    const account = await this.refreshAccount();
    this.#isResyncing = false;
    if (!account) return this.#after(STREAM_RETRY_MS, () => void this.#resync());
    this.#begin(account);
    await this.#load();
  }

  #begin(account: Account): void {
    this.#trades = noTrades(account.seq);
    this.#signals = noSignals(account.seq);
    this.#pnl = forgetOrder(this.#pnl);
    for (const stream of this.#streams) stream.restart();
  }

  async #load(): Promise<void> {
    this.#run += 1;
    await Promise.all([this.#loadLists(this.#run), this.curve.load()]);
  }

  async #loadLists(run: number): Promise<void> {
    const variables = { accountId: this.accountId, trades: TRADES_SHOWN, signals: SIGNALS_SHOWN };
    try {
      const { data, errors } = await this.#deps.api.query(ask.deskQuery, variables);
      if (run !== this.#run) return;
      this.#trades = mergeTrades(this.#trades, nodesOf(data.trades));
      this.#signals = mergeSignals(this.#signals, nodesOf(data.signals), nodesOf(data.decisions));
      this.#stats = data.stats ?? this.#stats;
      for (const command of data.commands ?? []) if (!isSettled(command)) this.#deps.commands.follow(command, null);
      const told = (...paths: string[]) => errors.find((error) => paths.includes(error.path))?.message;
      this.#tell({ trades: told('trades'), signals: told('signals', 'decisions'), stats: told('stats') });
      this.#isLoaded = true;
    } catch (error) {
      const { message } = errorOf(error);
      if (run === this.#run) this.#tell({ trades: message, signals: message, stats: message });
    }
  }

  #tell(problems: Record<Panel, string | undefined>): void {
    const told = Object.entries(problems).filter(([, message]) => message !== undefined);
    this.#problems = Object.fromEntries(told) as Partial<Record<Panel, string>>;
  }

  #takeFrame(frame: LivePnl): void {
    const before = this.#pnl;
    this.#pnl = reducePnl(before, frame, this.#deps.timing.now());
    if (this.#pnl === before) return;
    this.curve.take(frame);
    if (frame.status !== this.#account.status) void this.refreshAccount();
  }

  #takeTrade(trade: Trade): void {
    const before = this.#trades;
    this.#trades = reduceTrade(before, trade);
    if (this.#trades !== before && trade.status === 'CLOSED') this.#askStats();
  }

  async #askAccount(): Promise<Account | null> {
    const answer = await this.#deps.api.query(ask.accountQuery, { id: this.accountId }).catch(() => null);
    const account = answer?.data.account ?? null;
    if (account) this.#account = account;
    return account;
  }

  #askStats(): void {
    if (this.#isStatsDue) return;
    this.#isStatsDue = true;
    this.#after(STATS_INTERVAL_MS, () => {
      this.#isStatsDue = false;
      void this.#loadStats();
    });
  }

  /** What is shown stays where there is no answer, and why there is none is said beside it. */
  async #loadStats(): Promise<void> {
    const run = this.#run;
    const asked = this.#deps.api.query(ask.statsQuery, { accountId: this.accountId });
    const answer = await asked.then(
      ({ data, errors }) => ({ stats: data.stats, problem: errors.find(({ path }) => path === 'stats')?.message }),
      (error: unknown) => ({ stats: null, problem: errorOf(error).message }),
    );
    if (run !== this.#run) return;
    this.#stats = answer.stats ?? this.#stats;
    const { trades, signals } = this.#problems;
    this.#tell({ trades, signals, stats: answer.problem });
  }

  #after(ms: number, run: () => void): void {
    const cancel = this.#deps.timing.after(ms, () => {
      this.#cancels.delete(cancel);
      run();
    });
    this.#cancels.add(cancel);
  }
}

const nodesOf = <Node>(page: { readonly edges: readonly { readonly node: Node }[] } | null): Node[] =>
  page?.edges.map((edge) => edge.node) ?? [];
