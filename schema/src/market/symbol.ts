import { ValueError } from '../value/errors.js';

const SYMBOL_TEXT = /^[A-Z0-9]{2,20}$/;

/** Reads a symbol such as `BTCUSDT`. @throws ValueError */
export function parseSymbol(input: unknown): string {
  if (typeof input !== 'string' || !SYMBOL_TEXT.test(input)) {
    throw new ValueError('a symbol of 2 to 20 capital letters and digits, such as BTCUSDT', input);
  }
  return input;
}

/** Quote currencies that a symbol may end in, longest first where one ends another. */
const QUOTES = [
  'FDUSD',
  'USDT',
  'USDC',
  'BUSD',
  'TUSD',
  'USDP',
  'USD',
  'EUR',
  'GBP',
  'TRY',
  'BTC',
  'ETH',
  'BNB',
  'DAI',
];

/** Base and quote currency of a symbol; a symbol without a known quote is quoted in `USDT`. */
export function currenciesOf(symbol: string): { base: string; quote: string } {
  const quote = QUOTES.find((candidate) => symbol.length > candidate.length && symbol.endsWith(candidate));
  return quote ? { base: symbol.slice(0, -quote.length), quote } : { base: symbol, quote: 'USDT' };
}
