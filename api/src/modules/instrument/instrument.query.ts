/** Instruments: what the world's feed knows of its symbols, to GraphQL. */
import type { Instrument, Price } from '@kairos/schema';
import { AMOUNT_DECIMALS, currenciesOf, formatMoney, formatPrice, readInstruments } from '@kairos/schema';
import type { ApiContext } from '../../context.js';
import { requireViewer } from '../../graphql/guards.js';
import type { PriceBooks } from '../../live/valuation.js';
import type { Optional } from '../arguments.js';
import { symbolsOf } from '../arguments.js';
import { orNull } from '../text.js';
import { priceBooks } from '../valuation.js';
import type { InstrumentType } from './instrument.type.js';

/** Significant digits that a price is shown with where nobody said. */
const DIGITS_SHOWN = 7;
const DECIMALS_MIN = 2;
const DECIMALS_MAX = 8;

/** In order of symbol: those asked for, else every symbol of the world. @throws BadInputError */
export async function instrumentsOf(
  context: ApiContext,
  symbols: Optional<readonly string[]>,
): Promise<InstrumentType[]> {
  requireViewer(context);
  const wanted = symbolsOf(symbols);
  const { store, world, config } = context.deps;
  const [known, books] = await Promise.all([readInstruments(store.app.facts, world), priceBooks(context)]);
  const bySymbol = new Map(known.map((instrument) => [instrument.symbol, instrument]));
  const all = wanted ?? [...new Set([...config.SYMBOLS, ...bySymbol.keys(), ...books.keys()])];
  return [...all].sort().map((symbol) => toInstrument(bySymbol.get(symbol) ?? guessOf(symbol, books)));
}

const toInstrument = (instrument: Instrument): InstrumentType => ({
  ...instrument,
  minOrderValue: orNull(instrument.minOrderValue, formatMoney),
});

/** A symbol that the feed says nothing of. */
function guessOf(symbol: string, books: PriceBooks): Instrument {
  const price = books.get(symbol)?.newest?.price ?? null;
  return {
    symbol,
    ...currenciesOf(symbol),
    priceDecimals: price === null ? DECIMALS_MIN : decimalsFor(price),
    amountDecimals: AMOUNT_DECIMALS,
    minOrderValue: null,
  };
}

/** Cheap coins need more decimals to tell their prices apart. */
function decimalsFor(price: Price): number {
  const whole = formatPrice(price).split('.')[0] ?? '0';
  const wholeDigits = whole === '0' ? 0 : whole.length;
  return Math.min(DECIMALS_MAX, Math.max(DECIMALS_MIN, DIGITS_SHOWN - wholeDigits));
}
