/**
 * Which prices change nothing of an account: no level is reached, no peak, no deeper fall. As long as every symbol that
 * it holds stays between its two bounds, looking at the account would find nothing, so nobody looks. What a price
 * outside of them does is computed exactly as if every price had been looked at.
 *
 * Equity may rise to its peak and fall to the deepest fall so far before something is to be noted. That room is shared
 * out evenly among the positions, so that all of them together never use up more than there is.
 */
import type { Money, Price, Trade } from '@kairos/schema';
import { levelBelow, PRICE_DECIMALS, powerOfTen } from '@kairos/schema';
import type { Holding } from '../market.js';
import { NO_PRICE_ABOVE, NO_PRICE_BELOW, wake } from '../market.js';
import type { AccountState, EngineState } from '../state.js';
import { marketOf } from '../state.js';
import { equityOf, marketValueOf } from './valuation.js';

const PRICE_ONE = powerOfTen(PRICE_DECIMALS);
/** Steps of a fall's share of the peak: far coarser than what a binary number tells apart, far finer than a cent. */
const PERCENT_STEPS = 10_000_000_000;
const SHARE_STEPS = BigInt(PERCENT_STEPS * 100);

/** Marks everything that an account holds as to be looked at with the next price. */
export function wakeAccount(state: EngineState, account: AccountState): void {
  const { openTrades } = account;
  for (let index = 0; index < openTrades.size; index++) {
    const market = marketOf(state, openTrades.nameAt(index));
    const holding = market.holders.get(account);
    if (!holding) continue;
    holding.low = NO_PRICE_ABOVE;
    wake(market);
  }
}

/** Finds the bounds of everything that an account holds, after it has been looked at. */
export function settle(state: EngineState, account: AccountState): void {
  const equity = equityOf(state, account);
  const { openTrades } = account;
  const positions = BigInt(openTrades.size);
  const up = (account.peakEquity - equity) / positions;
  const down = (equity - lowestQuietEquity(account)) / positions;
  for (let index = 0; index < openTrades.size; index++) {
    const trade = openTrades.at(index);
    const market = marketOf(state, trade.symbol);
    const holding = market.holders.get(account);
    if (!holding) continue;
    setBounds(holding, marketValueOf(market, trade), { trade, up: up > 0n ? up : 0n, down: down > 0n ? down : 0n });
    narrowToLevels(holding, account, trade);
    if (holding.low > market.quietLow) market.quietLow = holding.low;
    if (holding.high < market.quietHigh) market.quietHigh = holding.high;
  }
}

/** Prices at which floor(amount × price) is within `down` below and `up` above the present value. */
function setBounds(holding: Holding, value: Money, room: { trade: Trade; up: bigint; down: bigint }): void {
  const { amount } = room.trade;
  holding.low = ceilDivide((value - room.down) * PRICE_ONE, amount) - 1n;
  holding.high = ceilDivide((value + room.up + 1n) * PRICE_ONE, amount);
}

function narrowToLevels(holding: Holding, account: AccountState, trade: Trade): void {
  const peak: Price = account.peakPrices.get(trade.id) ?? trade.entryPrice;
  const { trailingStop } = account.account.settings;
  if (peak + 1n < holding.high) holding.high = peak + 1n;
  if (trade.takeProfitPrice !== null && trade.takeProfitPrice < holding.high) holding.high = trade.takeProfitPrice;
  if (trade.stopLossPrice !== null && trade.stopLossPrice > holding.low) holding.low = trade.stopLossPrice;
  if (trailingStop === null) return;
  const level = levelBelow(peak, trailingStop);
  if (level > holding.low) holding.low = level;
}

/** The lowest equity at which neither the fall in money nor in percent is deeper than before; never too low. */
function lowestQuietEquity({ peakEquity, maxDrawdown, maxDrawdownPercent }: AccountState): bigint {
  const steps = BigInt(Math.max(0, Math.floor(maxDrawdownPercent * PERCENT_STEPS) - 1));
  const byShare = (peakEquity * steps) / SHARE_STEPS;
  return peakEquity - (byShare < maxDrawdown ? byShare : maxDrawdown);
}

const ceilDivide = (numerator: bigint, denominator: bigint): bigint =>
  numerator <= 0n ? NO_PRICE_BELOW + 1n : (numerator + denominator - 1n) / denominator;
