/** Newest prices: read model to GraphQL. */
import { formatPrice } from '@kairos/schema';
import type { ApiContext } from '../../context.js';
import { requireViewer } from '../../graphql/guards.js';
import type { PriceState } from '../../live/price-state.js';
import { priceStateOf } from '../../live/price-state.js';
import type { Optional } from '../arguments.js';
import { symbolsOf } from '../arguments.js';
import { priceBooks } from '../valuation.js';
import type { PriceType } from './price.type.js';

/** In order of symbol; symbols without a price are left out. @throws BadInputError */
export async function pricesOf(context: ApiContext, symbols: Optional<readonly string[]>): Promise<PriceType[]> {
  requireViewer(context);
  const wanted = symbolsOf(symbols);
  const { live } = context.deps;
  const books = [...(await priceBooks(context)).values()];
  return books
    .filter((book) => wanted === undefined || wanted.includes(book.symbol))
    .flatMap((book) => priceStateOf(book, live.priceHeardAt(book.symbol) ?? context.deps.clock.now()) ?? [])
    .sort((a, b) => (a.symbol < b.symbol ? -1 : 1))
    .map(toPrice);
}

export const toPrice = (price: PriceState): PriceType => ({
  source: price,
  symbol: price.symbol,
  price: formatPrice(price.price),
  time: price.at,
  receivedAt: price.receivedAt,
});
