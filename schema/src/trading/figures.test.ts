import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Amount, Money, Price, Rate, Rounding } from '../value/decimal.js';
import {
  divide,
  formatAmount,
  formatMoney,
  formatPrice,
  minus,
  ONE_RATE,
  parseAmount,
  parseMoney,
  parsePrice,
  parseRate,
  plus,
  powerOfTen,
  PRICE_DECIMALS,
} from '../value/decimal.js';
import {
  amountFor,
  buyPrice,
  costOf,
  feeOn,
  levelAbove,
  levelBelow,
  revenueOf,
  sellPrice,
  spendOf,
} from './figures.js';

const COMMISSION = parseRate('0.001');

const buy = (cash: Money, price: Price, risk: string) => {
  const amount = amountFor(spendOf(cash, parseRate(risk), COMMISSION), price);
  const cost = costOf(amount, price);
  const fee = feeOn(cost, COMMISSION);
  return { amount, cost, fee, cash: minus(minus(cash, cost), fee) };
};

const sell = (amount: Amount, price: Price) => {
  const revenue = revenueOf(amount, price);
  return { revenue, fee: feeOn(revenue, COMMISSION) };
};

describe('the worked figures of the contract, to the last digit', () => {
  it.each`
    entry       | exit        | risk     | amount             | cost               | entryFee        | cashAfter          | revenue            | exitFee         | pnl              | cashEnd
    ${'68234'}  | ${'68891'}  | ${'0.5'} | ${'0.03663862'}    | ${'2499.99959708'} | ${'2.4999996'}  | ${'2497.50040332'} | ${'2524.07117042'} | ${'2.52407118'} | ${'19.04750256'} | ${'5019.04750256'}
    ${'68234'}  | ${'68500'}  | ${'0.5'} | ${'0.03663862'}    | ${'2499.99959708'} | ${'2.4999996'}  | ${'2497.50040332'} | ${'2509.74547'}    | ${'2.50974547'} | ${'4.73612785'}  | ${'5004.73612785'}
    ${'0.5123'} | ${'0.5207'} | ${'0.5'} | ${'4879.95315244'} | ${'2500'}          | ${'2.5'}        | ${'2497.5'}        | ${'2540.99160647'} | ${'2.54099161'} | ${'35.95061486'} | ${'5035.95061486'}
    ${'68234'}  | ${'68891'}  | ${'1'}   | ${'0.07320404'}    | ${'4995.00446536'} | ${'4.99500447'} | ${'0.00053017'}    | ${'5043.09951964'} | ${'5.04309952'} | ${'38.05695029'} | ${'5038.05695029'}
  `('$entry → $exit at risk $risk', (row: Record<string, string>) => {
    const bought = buy(parseMoney('5000'), parsePrice(row['entry']), row['risk']!);
    const sold = sell(bought.amount, parsePrice(row['exit']));
    const pnl = minus(minus(minus(sold.revenue, sold.fee), bought.cost), bought.fee);
    expect({
      amount: formatAmount(bought.amount),
      cost: formatMoney(bought.cost),
      entryFee: formatMoney(bought.fee),
      cashAfter: formatMoney(bought.cash),
      revenue: formatMoney(sold.revenue),
      exitFee: formatMoney(sold.fee),
      pnl: formatMoney(pnl),
      cashEnd: formatMoney(minus(plus(bought.cash, sold.revenue), sold.fee)),
    }).toEqual({
      amount: row['amount'],
      cost: row['cost'],
      entryFee: row['entryFee'],
      cashAfter: row['cashAfter'],
      revenue: row['revenue'],
      exitFee: row['exitFee'],
      pnl: row['pnl'],
      cashEnd: row['cashEnd'],
    });
  });

  it.each([
    ['68891', '16.39'],
    ['68500', '2.09'],
  ])('a position of 0.0366 that cost 2,500.00 + 2.50, sold at %s, gains %s in cents', (exit, profit) => {
    const { revenue, fee } = sell(parseAmount('0.0366'), parsePrice(exit));
    const pnl = minus(minus(revenue, fee), parseMoney('2502.5'));
    expect(Number(formatMoney(pnl)).toFixed(2)).toBe(profit);
  });
});

describe('against the account', () => {
  const cash = fc.bigInt({ min: 1n, max: 10n ** 17n }).map((units) => units as Money);
  const price = fc.bigInt({ min: 1n, max: 10n ** 19n }).map((units) => units as Price);
  const risk = fc.constantFrom('0.00000001', '0.1', '0.5', '0.99999999', '1');

  it('a purchase never costs more than the cash there is', () => {
    fc.assert(
      fc.property(cash, price, risk, (have, at, share) => {
        expect(buy(have, at, share).cash >= 0n).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  it('buying and selling at one price never gains', () => {
    fc.assert(
      fc.property(cash, price, risk, (have, at, share) => {
        const bought = buy(have, at, share);
        const sold = sell(bought.amount, at);
        expect(plus(bought.cash, minus(sold.revenue, sold.fee)) <= have).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  it('an amount is rounded down to the decimals of its instrument', () => {
    const spend = parseMoney('2500');
    const at = parsePrice('68234');
    expect([8, 5, 3, 0].map((decimals) => formatAmount(amountFor(spend, at, decimals)))).toEqual([
      '0.03663862',
      '0.03663',
      '0.036',
      '0',
    ]);
  });

  it('slippage makes a purchase dearer and a sale cheaper, rounded against the account', () => {
    const at = parsePrice('0.000000000003');
    const slippage = parseRate('0.1');
    expect(formatPrice(buyPrice(at, slippage))).toBe('0.000000000004');
    expect(formatPrice(sellPrice(at, slippage))).toBe('0.000000000002');
    expect(formatPrice(buyPrice(parsePrice('100'), slippage))).toBe('110');
    expect(formatPrice(sellPrice(parsePrice('100'), slippage))).toBe('90');
  });

  it('levels are rounded half-even to 12 decimals', () => {
    expect(formatPrice(levelBelow(parsePrice('68234'), parseRate('0.02')))).toBe('66869.32');
    expect(formatPrice(levelAbove(parsePrice('68234'), parseRate('0.02')))).toBe('69598.68');
    expect(formatPrice(levelBelow(parsePrice('0.000000000005'), parseRate('0.5')))).toBe('0.000000000002');
    expect(formatPrice(levelAbove(parsePrice('0.000000000001'), parseRate('0.5')))).toBe('0.000000000002');
  });
});

describe('every figure', () => {
  /** Numbers of every length, with any count of unused digits at their end. */
  const unitsUpTo = (digits: number) =>
    fc
      .tuple(fc.integer({ min: 0, max: digits }), fc.integer({ min: 0, max: 12 }))
      .chain(([length, unused]) =>
        fc.bigInt({ min: 1n, max: powerOfTen(length) }).map((units) => units * powerOfTen(unused)),
      );
  const value = unitsUpTo(18);
  const price = unitsUpTo(16).map((units) => units as Price);
  const rate = unitsUpTo(8).map((units) => (units % (ONE_RATE + 1n)) as Rate);
  const one = powerOfTen(PRICE_DECIMALS);
  const ofOne = (numerator: bigint, rounding: Rounding) => divide(numerator, ONE_RATE, rounding);

  it('is the one division that it stands for, whatever digits its factors leave unused', () => {
    fc.assert(
      fc.property(value, price, rate, (units, at, share) => {
        const [money, amount] = [units as Money, units as Amount];
        const byRisk = ofOne(units * share, 'down');
        const affordable = (units * ONE_RATE) / (ONE_RATE + share);
        expect(spendOf(money, share, share)).toBe(byRisk < affordable ? byRisk : affordable);
        expect(amountFor(money, at)).toBe((units * one) / at);
        expect(costOf(amount, at)).toBe(divide(units * at, one, 'up'));
        expect(revenueOf(amount, at)).toBe(divide(units * at, one, 'down'));
        expect(feeOn(money, share)).toBe(ofOne(units * share, 'up'));
        expect(buyPrice(at, share)).toBe(ofOne(at * (ONE_RATE + share), 'up'));
        expect(sellPrice(at, share)).toBe(ofOne(at * (ONE_RATE - share), 'down'));
        expect(levelBelow(at, share)).toBe(ofOne(at * (ONE_RATE - share), 'halfEven'));
        expect(levelAbove(at, share)).toBe(ofOne(at * (ONE_RATE + share), 'halfEven'));
      }),
      { numRuns: 5_000 },
    );
  });
});
