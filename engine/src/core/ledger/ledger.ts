/**
 * The books in double entry: every posting moves one asset between four accounts and sums to zero. What the trades say
 * is posted here, apart from the figures that the account carries, so that either shows when the other is wrong.
 *
 * CASH is what the account can spend (of a coin: what it holds), CAPITAL what was paid in, MARKET the other side of
 * every trade, FEES what the venue has kept. All integers, in units of 1e-8.
 */
import type { Account, Amount, Money, Trade } from '@kairos/schema';
import { assert, currenciesOf } from '@kairos/schema';
import { Few } from '../few.js';

/** What one posting moves of one asset. */
export interface Posting {
  readonly cash: bigint;
  readonly capital: bigint;
  readonly market: bigint;
  readonly fees: bigint;
}

/** Balances of one asset. */
type Balances = { -readonly [K in keyof Posting]: bigint };

export interface Ledger {
  /** The account's quote currency. */
  readonly quote: Balances;
  /** By symbol: the coin that a position holds. */
  readonly coins: Few<Balances>;
  /** Σ (cost + entry fee) of open trades. */
  bound: bigint;
}

const noBalances = (): Balances => ({ cash: 0n, capital: 0n, market: 0n, fees: 0n });

/**
 * Posts to an asset's balances.
 *
 * @throws Error when the posting does not sum to zero: then nothing is posted.
 */
export function post(balances: Balances, posting: Posting): void {
  const { cash, capital, market, fees } = checked(posting);
  balances.cash = sum(balances.cash, cash);
  balances.capital = sum(balances.capital, capital);
  balances.market = sum(balances.market, market);
  balances.fees = sum(balances.fees, fees);
}

function checked<T extends Posting>(posting: T): T {
  const { cash, capital, market, fees } = posting;
  assert(sum(sum(cash, capital), sum(market, fees)) === 0n, 'a posting sums to zero');
  return posting;
}

/** Zeros are a third of what is posted, and adding one would make a new number all the same. */
const sum = (a: bigint, b: bigint): bigint => (b === 0n ? a : a === 0n ? b : a + b);

/** The ledger of an account as its figures and open trades have it: where the running one begins. */
export function ledgerOf(account: Account, openTrades: readonly Trade[]): Ledger {
  const { initialBalance: paidIn, cash, feesPaid: fees } = account;
  const ledger: Ledger = { quote: noBalances(), coins: new Few(), bound: 0n };
  post(ledger.quote, { cash, capital: -paidIn, market: paidIn - cash - fees, fees });
  for (const trade of openTrades) {
    postCoins(ledger, trade.symbol, trade.amount);
    ledger.bound += trade.cost + trade.entryFee;
  }
  return ledger;
}

/** Posts what a fill has moved: an entry while the trade is open, its exit once it is closed. */
export function postFill(ledger: Ledger, trade: Trade): void {
  const bound = trade.cost + trade.entryFee;
  if (trade.status === 'OPEN') {
    ledger.bound += bound;
    post(ledger.quote, { cash: -bound, capital: 0n, market: trade.cost, fees: trade.entryFee });
    postCoins(ledger, trade.symbol, trade.amount);
    return;
  }
  const { revenue, exitFee } = trade;
  assert(revenue !== null && exitFee !== null, 'a closed trade has a revenue and an exit fee');
  ledger.bound -= bound;
  post(ledger.quote, { cash: revenue - exitFee, capital: 0n, market: -revenue, fees: exitFee });
  postCoins(ledger, trade.symbol, -trade.amount as Amount);
}

/** The first posting of a coin is its balances. */
function postCoins({ coins }: Ledger, symbol: string, amount: Amount): void {
  const posting = { cash: amount, capital: 0n, market: -amount, fees: 0n };
  const balances = coins.get(symbol);
  if (!balances) {
    coins.set(symbol, checked(posting));
    return;
  }
  post(balances, posting);
  if (balances.cash === 0n) coins.delete(symbol);
}

/** What the ledger holds of every asset, by currency: coins of several symbols in one sum. */
export function assetsOf(ledger: Ledger, quoteCurrency: string): ReadonlyMap<string, bigint> {
  const assets = new Map<string, bigint>([[quoteCurrency, ledger.quote.cash]]);
  for (const [symbol, { cash }] of ledger.coins) {
    const { base } = currenciesOf(symbol);
    assets.set(base, (assets.get(base) ?? 0n) + cash);
  }
  return assets;
}

/** What the ledger says of an account's cash and fees. */
export const cashOf = (ledger: Ledger): Money => ledger.quote.cash as Money;
export const feesOf = (ledger: Ledger): Money => ledger.quote.fees as Money;
