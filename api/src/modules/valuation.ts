/** The prices that value everything in one answer. */
import type { ApiContext } from '../context.js';
import type { PriceBooks } from '../live/valuation.js';
import { overlaid } from '../live/valuation.js';
import { remembered } from './memo.js';

/** Committed prices, with newer market prices laid over them where the trader follows an exchange. */
export const priceBooks = (context: ApiContext): Promise<PriceBooks> =>
  remembered(context, 'priceBooks', async () => {
    const { store, live } = context.deps;
    return overlaid(await store.readModels.prices(), live.marketPrices());
  });
