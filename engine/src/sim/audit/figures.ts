/**
 * Arithmetic of the auditor's own: integers in units of 1e-12 for everything, each figure rounded once and against the
 * account, as the contract's trading rules have it. Nothing here comes from the core or from what the core uses.
 */
const SCALE = 12;
export const ONE = 10n ** BigInt(SCALE);
/** Units of the last digit of money and amounts: 8 decimals. */
export const CENT = 10n ** BigInt(SCALE - 8);

/** A decimal in text, in units of 1e-12. @throws Error when it is none. */
export function units(text: string): bigint {
  const match = /^(-?)(\d+)(?:\.(\d{1,12}))?$/.exec(text);
  if (!match) throw new Error(`expected a decimal, found ${text}`);
  const [, sign, whole, fraction = ''] = match;
  const value = BigInt(whole! + fraction.padEnd(SCALE, '0'));
  return sign === '-' ? -value : value;
}

/** Money, an amount or a rate (units of 1e-8) in units of 1e-12. */
export const widen = (value: bigint): bigint => value * CENT;

function floorTo(numerator: bigint, denominator: bigint, unit: bigint): bigint {
  return (numerator / (denominator * unit)) * unit;
}

function ceilTo(numerator: bigint, denominator: bigint, unit: bigint): bigint {
  const step = denominator * unit;
  return ((numerator + step - 1n) / step) * unit;
}

/** a × b or a ÷ b of positive units, rounded to `unit`. */
export const timesDown = (a: bigint, b: bigint, unit = CENT): bigint => floorTo(a * b, ONE, unit);
export const timesUp = (a: bigint, b: bigint, unit = CENT): bigint => ceilTo(a * b, ONE, unit);
export const overDown = (a: bigint, b: bigint, unit = CENT): bigint => floorTo(a * ONE, b, unit);

/** price × factor, half-even to 12 decimals: stop and target levels. */
export function timesHalfEven(price: bigint, factor: bigint): bigint {
  const product = price * factor;
  const down = product / ONE;
  const rest = (product % ONE) * 2n;
  if (rest === ONE) return down % 2n === 0n ? down : down + 1n;
  return rest > ONE ? down + 1n : down;
}

/** What fills depend on beside the price, in units of 1e-12. */
export interface Rates {
  readonly commission: bigint;
  readonly slippage: bigint;
}

export interface EntryFigures {
  readonly entryPrice: bigint;
  readonly amount: bigint;
  readonly cost: bigint;
  readonly entryFee: bigint;
}

/** What a BUY at a price takes out of free cash; `unit` is the smallest amount of the instrument. */
export function entryFigures(
  price: bigint,
  cash: bigint,
  {
    commission,
    slippage,
    riskPerTrade,
    unit = CENT,
  }: Rates & { readonly riskPerTrade: bigint; readonly unit?: bigint },
): EntryFigures {
  const entryPrice = timesUp(price, ONE + slippage, 1n);
  const byRisk = timesDown(cash, riskPerTrade);
  const affordable = overDown(cash, ONE + commission);
  const amount = overDown(byRisk < affordable ? byRisk : affordable, entryPrice, unit);
  const cost = timesUp(amount, entryPrice);
  return { entryPrice, amount, cost, entryFee: timesUp(cost, commission) };
}

export interface ExitFigures {
  readonly exitPrice: bigint;
  readonly revenue: bigint;
  readonly exitFee: bigint;
  readonly pnl: bigint;
}

/** What selling a whole position at a price brings. */
export function exitFigures(
  price: bigint,
  position: { readonly amount: bigint; readonly cost: bigint; readonly entryFee: bigint },
  { commission, slippage }: Rates,
): ExitFigures {
  const exitPrice = timesDown(price, ONE - slippage, 1n);
  const revenue = timesDown(position.amount, exitPrice);
  const exitFee = timesUp(revenue, commission);
  return { exitPrice, revenue, exitFee, pnl: revenue - exitFee - position.cost - position.entryFee };
}
