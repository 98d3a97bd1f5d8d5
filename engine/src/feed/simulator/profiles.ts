/** What each symbol looks like in the simulator: where its price begins, its tick, how much it moves and trades. */
import { currenciesOf, PRICE_DECIMALS } from '@kairos/schema';

export interface Profile {
  /** Around which the price wanders, in the quote currency. */
  readonly price: number;
  /** Decimals of a price: its tick is 10^-priceDecimals. */
  readonly priceDecimals: number;
  /** Standard deviation of a calm minute's return. */
  readonly minuteVolatility: number;
  /** Traded per calm minute, in the quote currency. */
  readonly minuteTurnover: number;
  /** Decimals of a traded amount. */
  readonly amountDecimals: number;
}

interface Coin {
  /** In dollars. */
  readonly price: number;
  /** Of a price in dollars. */
  readonly decimals: number;
  readonly volatility: number;
  /** Of a minute, in dollars. */
  readonly turnover: number;
}

const coin = (price: number, decimals: number, volatility: number, turnover: number): Coin => ({
  price,
  decimals,
  volatility,
  turnover,
});

const COINS: Readonly<Record<string, Coin>> = {
  BTC: coin(65_000, 2, 0.0011, 1_500_000),
  ETH: coin(3_400, 2, 0.0014, 900_000),
  BNB: coin(580, 2, 0.0013, 120_000),
  SOL: coin(150, 2, 0.002, 350_000),
  XRP: coin(0.58, 4, 0.0016, 200_000),
  ADA: coin(0.45, 4, 0.0018, 60_000),
  DOGE: coin(0.12, 5, 0.0022, 150_000),
  AVAX: coin(28, 2, 0.002, 45_000),
  DOT: coin(6.2, 3, 0.0018, 30_000),
  LINK: coin(13.5, 3, 0.0018, 50_000),
  LTC: coin(72, 2, 0.0014, 40_000),
  TRX: coin(0.13, 5, 0.0011, 35_000),
  XLM: coin(0.1, 5, 0.0016, 12_000),
  ATOM: coin(6.5, 3, 0.0018, 15_000),
  UNI: coin(7.8, 3, 0.002, 20_000),
  BCH: coin(360, 1, 0.0016, 25_000),
  ETC: coin(22, 2, 0.0016, 12_000),
  SHIB: coin(0.000018, 8, 0.0023, 60_000),
};

/** Any other coin. */
const GENERIC = coin(10, 3, 0.0018, 20_000);

/** Dollars per unit of a quote currency that is no coin. */
const MONIES: Readonly<Record<string, number>> = { EUR: 1.08, GBP: 1.27, TRY: 0.03 };

/** Digits that a price in anything but dollars is kept to. */
const PRICE_DIGITS = 5;
const AMOUNT_DECIMALS_MAX = 5;

/** The profile of any symbol; an unknown coin is a generic one. */
export function profileOf(symbol: string): Profile {
  const { base, quote } = currenciesOf(symbol);
  const { price: dollars, decimals, volatility, turnover } = COINS[base] ?? GENERIC;
  const quoteDollars = MONIES[quote] ?? COINS[quote]?.price ?? 1;
  const price = dollars / quoteDollars;
  const wholeDigits = Math.floor(Math.log10(price)) + 1;
  const foreignDecimals = Math.min(PRICE_DECIMALS, Math.max(0, PRICE_DIGITS - wholeDigits));
  return {
    price,
    priceDecimals: quoteDollars === 1 ? decimals : foreignDecimals,
    minuteVolatility: volatility,
    minuteTurnover: turnover / quoteDollars,
    amountDecimals: Math.min(AMOUNT_DECIMALS_MAX, Math.max(0, Math.floor(Math.log10(dollars)) + 1)),
  };
}
