/**
 * The figures of a trade. Each is rounded once, against the account: spend, amounts, revenue and market value down,
 * costs and fees up (contract, "Trading rules").
 */
import type { Amount, Money, Price, Rate } from '../value/decimal.js';
import { AMOUNT_DECIMALS, divide, ONE_RATE, PRICE_DECIMALS, powerOfTen } from '../value/decimal.js';

const PRICE_ONE = powerOfTen(PRICE_DECIMALS);

/** What one trade may spend: min(risk × cash, cash / (1 + commission)). */
export function spendOf(cash: Money, riskPerTrade: Rate, commission: Rate): Money {
  const byRisk = divide(cash * riskPerTrade, ONE_RATE, 'down');
  const affordable = divide(cash * ONE_RATE, ONE_RATE + commission, 'down');
  return (byRisk < affordable ? byRisk : affordable) as Money;
}

/** spend / price, down to `decimals` (0 to 8). */
export function amountFor(spend: Money, price: Price, decimals: number = AMOUNT_DECIMALS): Amount {
  const step = powerOfTen(AMOUNT_DECIMALS - decimals);
  const amount = divide(spend * PRICE_ONE, price, 'down');
  return (amount - (amount % step)) as Amount;
}

/** amount × price, up. */
export const costOf = (amount: Amount, price: Price): Money => divide(amount * price, PRICE_ONE, 'up') as Money;

/** amount × price, down: what a sale brings, and what a position is worth. */
export const revenueOf = (amount: Amount, price: Price): Money => divide(amount * price, PRICE_ONE, 'down') as Money;

/** commission × value, up. */
export const feeOn = (value: Money, commission: Rate): Money => divide(value * commission, ONE_RATE, 'up') as Money;

/** price × (1 + slippage), up. */
export const buyPrice = (price: Price, slippage: Rate): Price =>
  slippage === 0n ? price : (divide(price * (ONE_RATE + slippage), ONE_RATE, 'up') as Price);

/** price × (1 − slippage), down. */
export const sellPrice = (price: Price, slippage: Rate): Price =>
  slippage === 0n ? price : (divide(price * (ONE_RATE - slippage), ONE_RATE, 'down') as Price);

/** A stop level: price × (1 − fraction), half-even to 12 decimals. */
export const levelBelow = (price: Price, fraction: Rate): Price =>
  divide(price * (ONE_RATE - fraction), ONE_RATE, 'halfEven') as Price;

/** A target level: price × (1 + fraction), half-even to 12 decimals. */
export const levelAbove = (price: Price, fraction: Rate): Price =>
  divide(price * (ONE_RATE + fraction), ONE_RATE, 'halfEven') as Price;
