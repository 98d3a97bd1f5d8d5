/**
 * The figures of a trade. Each is rounded once, against the account: spend, amounts, revenue and market value down,
 * costs and fees up (contract, "Trading rules").
 */
import type { Amount, Money, Price, Rate, Rounding } from '../value/decimal.js';
import { AMOUNT_DECIMALS, divide, ONE_RATE, PRICE_DECIMALS, powerOfTen, RATE_DECIMALS } from '../value/decimal.js';

/**
 * One of a unit. Most factors leave the last digits unused: without those (`spare`) a product fits into one machine word,
 * which divides ten times as fast, and the quotient is the same.
 */
interface Unit {
  readonly one: bigint;
  readonly spare: bigint;
  /** one / spare */
  readonly short: bigint;
}

const unitOf = (decimals: number, spareDecimals: number): Unit => ({
  one: powerOfTen(decimals),
  spare: powerOfTen(spareDecimals),
  short: powerOfTen(decimals - spareDecimals),
});

const PRICE = unitOf(PRICE_DECIMALS, 6);
const RATE = unitOf(RATE_DECIMALS, 4);

/** value × factor / one */
const times = (value: bigint, factor: bigint, { one, spare, short }: Unit, rounding: Rounding): bigint =>
  factor % spare === 0n ? divide(value * (factor / spare), short, rounding) : divide(value * factor, one, rounding);

/** value × one / divisor, down. */
const over = (value: bigint, divisor: bigint, { one, spare, short }: Unit): bigint =>
  divisor % spare === 0n ? divide(value * short, divisor / spare, 'down') : divide(value * one, divisor, 'down');

/** What one trade may spend: min(risk × cash, cash / (1 + commission)). */
export function spendOf(cash: Money, riskPerTrade: Rate, commission: Rate): Money {
  const byRisk = times(cash, riskPerTrade, RATE, 'down');
  const affordable = over(cash, ONE_RATE + commission, RATE);
  return (byRisk < affordable ? byRisk : affordable) as Money;
}

/** spend / price, down to `decimals` (0 to 8). */
export function amountFor(spend: Money, price: Price, decimals: number = AMOUNT_DECIMALS): Amount {
  const amount = over(spend, price, PRICE);
  if (decimals === AMOUNT_DECIMALS) return amount as Amount;
  return (amount - (amount % powerOfTen(AMOUNT_DECIMALS - decimals))) as Amount;
}

/** amount × price, up. */
export const costOf = (amount: Amount, price: Price): Money => times(amount, price, PRICE, 'up') as Money;

/** amount × price, down: what a sale brings, and what a position is worth. */
export const revenueOf = (amount: Amount, price: Price): Money => times(amount, price, PRICE, 'down') as Money;

/** commission × value, up. */
export const feeOn = (value: Money, commission: Rate): Money => times(value, commission, RATE, 'up') as Money;

/** price × share. Where both leave four digits unused, nothing is left to round. */
function priceTimes(price: Price, share: bigint, rounding: Rounding): Price {
  const { one, spare, short } = RATE;
  const isEven = price % short === 0n && share % spare === 0n;
  return (isEven ? (price / short) * (share / spare) : divide(price * share, one, rounding)) as Price;
}

/** price × (1 + slippage), up. */
export const buyPrice = (price: Price, slippage: Rate): Price =>
  slippage === 0n ? price : priceTimes(price, ONE_RATE + slippage, 'up');

/** price × (1 − slippage), down. */
export const sellPrice = (price: Price, slippage: Rate): Price =>
  slippage === 0n ? price : priceTimes(price, ONE_RATE - slippage, 'down');

/** A stop level: price × (1 − fraction), half-even to 12 decimals. */
export const levelBelow = (price: Price, fraction: Rate): Price => priceTimes(price, ONE_RATE - fraction, 'halfEven');

/** A target level: price × (1 + fraction), half-even to 12 decimals. */
export const levelAbove = (price: Price, fraction: Rate): Price => priceTimes(price, ONE_RATE + fraction, 'halfEven');
