/**
 * Books kept a second time, from the published events alone and without the core: every figure is worked out anew, with
 * integers, and compared to the last digit. What is wrong throws with the event that it is wrong in.
 */
import { entryFigures, exitFigures, timesDown, units } from '../src/sim/audit/figures.js';
import type { ClosesBySymbol } from './replay-world.fixture.js';

/** An event as its JSON says. */
export interface WireEvent {
  readonly id: string;
  readonly seq: number;
  readonly type: string;
  readonly accountId: string;
  readonly time: number;
  readonly trade?: Readonly<Record<string, string>> & { readonly entryTime: number; readonly exitTime: number | null };
  readonly decision?: { readonly id: string; readonly seq: number; readonly outcome: string };
  readonly account: WireAccount;
}

interface WireAccount {
  readonly [field: string]: unknown;
  readonly settings: Readonly<Record<string, string>>;
}

const ratesOf = (settings: WireAccount['settings']) => ({
  commission: units(settings['commission']!),
  slippage: units(settings['slippage']!),
});

interface OpenTrade {
  readonly symbol: string;
  readonly amount: bigint;
  readonly cost: bigint;
  readonly entryFee: bigint;
}

export interface Auditor {
  /** Takes the account's next event. @throws Error when anything in it is not as it must be. */
  take(text: string): void;
  readonly seq: number;
  readonly cash: bigint;
  readonly closed: { readonly count: number; readonly pnl: bigint; readonly wins: number; readonly losses: number };
  readonly open: ReadonlyMap<string, OpenTrade>;
  readonly initial: bigint;
  /** Cash and what is open at these prices. */
  equityAt(priceOf: (symbol: string) => bigint): bigint;
}

export interface AuditOptions {
  readonly accountId: string;
  readonly closes: ClosesBySymbol;
  /** Of the candles, in ms: what is bought or sold at `t` goes at the close of the candle that opened this long before. */
  readonly intervalMs: number;
}

export function createAuditor({ accountId, closes, intervalMs }: AuditOptions): Auditor {
  const open = new Map<string, OpenTrade>();
  const closed = { count: 0, pnl: 0n, wins: 0, losses: 0 };
  let seq = 0;
  let initial = 0n;
  let time = 0;

  const cash = (): bigint => {
    let sum = initial + closed.pnl;
    for (const { cost, entryFee } of open.values()) sum -= cost + entryFee;
    return sum;
  };

  const closeAt = (symbol: string, at: number): bigint => {
    const close = closes.get(symbol)?.get(at - intervalMs);
    if (close === undefined) throw new Error(`expected a candle of ${symbol} that closes at ${at}`);
    return units(close);
  };

  const enter = ({ trade, account, time: at }: WireEvent): void => {
    const { settings } = account;
    const free = cash();
    const price = closeAt(trade!['symbol']!, at);
    const riskPerTrade = units(settings['riskPerTrade']!);
    const { entryPrice, amount, cost, entryFee } = entryFigures(price, free, { ...ratesOf(settings), riskPerTrade });
    same('entry', trade!, { entryPrice, amount, cost, entryFee });
    if ([...open.values()].some(({ symbol }) => symbol === trade!['symbol'])) throw new Error('a second position');
    open.set(trade!['id']!, { symbol: trade!['symbol']!, amount, cost, entryFee });
  };

  const exit = ({ trade, account, time: at }: WireEvent): void => {
    const position = open.get(trade!['id']!);
    if (!position) throw new Error('expected a trade that is open');
    const figures = exitFigures(closeAt(position.symbol, at), position, ratesOf(account.settings));
    const { exitPrice, revenue, exitFee, pnl } = figures;
    const { amount, cost, entryFee } = position;
    same('exit', trade!, { exitPrice, revenue, exitFee, pnl, amount, cost, entryFee });
    open.delete(trade!['id']!);
    closed.count += 1;
    closed.pnl += pnl;
    if (pnl > 0n) closed.wins += 1;
    if (pnl < 0n) closed.losses += 1;
  };

  const checkAccount = (account: WireAccount): void => {
    const openEntryFees = [...open.values()].reduce((sum, { entryFee }) => sum + entryFee, 0n);
    const balance = initial + closed.pnl;
    const money = { initialBalance: initial, cash: cash(), balance, realizedPnl: closed.pnl, openEntryFees };
    same('account', account as Record<string, string>, money);
    const counts = { openTrades: open.size, closedTrades: closed.count, wins: closed.wins, losses: closed.losses, seq };
    for (const [name, count] of Object.entries(counts)) {
      if (account[name] !== count)
        throw new Error(`account.${name}: expected ${count}, found ${String(account[name])}`);
    }
    if (cash() < 0n) throw new Error('cash below 0');
  };

  const takeEvent = (event: WireEvent): void => {
    seq += 1;
    if (event.seq !== seq || event.id !== `${accountId}:${seq}`) throw new Error(`expected seq ${seq}`);
    if ((event.type === 'ACCOUNT_OPENED') !== (seq === 1)) throw new Error('expected ACCOUNT_OPENED once, at first');
    if (event.time < time) throw new Error(`expected a time from ${time} on`);
    time = event.time;
    if (event.type === 'ACCOUNT_OPENED') initial = units(event.account['initialBalance'] as string);
    if (event.type === 'TRADE_OPENED') enter(event);
    if (event.type === 'TRADE_CLOSED') exit(event);
    if (event.decision && event.decision.seq !== seq)
      throw new Error('expected the decision to have the seq of its event');
    checkAccount(event.account);
  };

  return {
    take(text) {
      try {
        takeEvent(JSON.parse(text) as WireEvent);
      } catch (error) {
        throw new Error(`${(error as Error).message}\nin ${text}`, { cause: error });
      }
    },
    get seq() {
      return seq;
    },
    get cash() {
      return cash();
    },
    get initial() {
      return initial;
    },
    closed,
    open,
    equityAt: (priceOf) =>
      [...open.values()].reduce((sum, { symbol, amount }) => sum + timesDown(amount, priceOf(symbol)), cash()),
  };
}

function same(what: string, found: Readonly<Record<string, string>>, expected: Readonly<Record<string, bigint>>): void {
  for (const [name, value] of Object.entries(expected)) {
    if (units(found[name]!) === value) continue;
    throw new Error(`${what}.${name}: expected ${value} units of 1e-12, found ${found[name]}`);
  }
}
