import { describe, expect, it } from 'vitest';
import { ADA, books, createTradingFixture, market, minutes } from '../../test/trading-fixture.js';

const FIGURES = `{
  account { cash balance equity openEntryFees seq }
  positions { symbol amount entryPrice currentPrice priceTime currentValue unrealizedPnl heldSeconds }
  trades { edges { node { amount cost entryFee revenue exitFee pnl currentPrice unrealizedPnl } } }
  stats { equity balance cash unrealizedPnl realizedPnl openEntryFees feesPaid totalTrades openTrades rating }
}`;

describe('figures of an account', () => {
  it('are the worked ones of the contract while the position is open', async () => {
    await using world = await createTradingFixture();
    const ada = books('acc-1', 'user-ada');
    const events = [ada.opens(), ada.buys('BTCUSDT', '68234', minutes(1))];
    await world.commit({ events, marks: [ada.mark()], worldTime: minutes(1) });

    const { data, code } = await world.ask(ADA, FIGURES);
    expect(code).toBeNull();
    expect(data).toMatchObject({
      account: { cash: '2497.50040332', balance: '5000', equity: '4997.5000004', openEntryFees: '2.4999996', seq: 2 },
      positions: [{ amount: '0.03663862', entryPrice: '68234', currentPrice: '68234', priceTime: null }],
      trades: { edges: [{ node: { cost: '2499.99959708', entryFee: '2.4999996', pnl: null, currentPrice: '68234' } }] },
      stats: { totalTrades: 1, openTrades: 1, rating: 'UNRATED', feesPaid: '2.4999996' },
    });
  });

  it.each([
    ['68234', '68891', { revenue: '2524.07117042', exitFee: '2.52407118', pnl: '19.04750256' }, '5019.04750256'],
    ['68234', '68500', { revenue: '2509.74547', exitFee: '2.50974547', pnl: '4.73612785' }, '5004.73612785'],
    ['0.5123', '0.5207', { revenue: '2540.99160647', exitFee: '2.54099161', pnl: '35.95061486' }, '5035.95061486'],
  ])('are the worked ones of the contract from %s to %s', async (entry, exit, figures, cash) => {
    await using world = await createTradingFixture();
    const ada = books('acc-1', 'user-ada');
    const events = [ada.opens(), ada.buys('BTCUSDT', entry, minutes(1)), ada.sells('BTCUSDT', exit, minutes(2))];
    await world.commit({ events, marks: [ada.mark()], worldTime: minutes(2) });

    const { data } = await world.ask(ADA, FIGURES);
    const node = { ...figures, currentPrice: null, unrealizedPnl: null };
    expect(data).toMatchObject({
      account: { cash, balance: cash, equity: cash, openEntryFees: '0' },
      positions: [],
      trades: { edges: [{ node }] },
      stats: { realizedPnl: figures.pnl, unrealizedPnl: '0', equity: cash, rating: 'EXCELLENT' },
    });
  });

  it.each(['68000', '68234', '70123.45', '0.000001'])(
    'hold equity = balance + unrealizedPnl - openEntryFees to the last digit at a price of %s',
    async (price) => {
      await using world = await createTradingFixture();
      const ada = books('acc-1', 'user-ada');
      const events = [ada.opens(), ada.buys('BTCUSDT', '68234', minutes(1)), ada.buys('ETHUSDT', '3.33', minutes(1))];
      const prices = [market('BTCUSDT', price, minutes(2)), market('ETHUSDT', price, minutes(2))];
      await world.commit({ events, marks: [ada.mark()], prices, worldTime: minutes(3) });

      await world.live.start();
      const { data } = await world.ask(ADA, FIGURES);
      for (const of of [data['account'], data['stats']]) {
        const { equity, balance, openEntryFees } = of as unknown as Record<string, string>;
        const unrealizedPnl = String(data['stats']?.['unrealizedPnl']);
        expect(units(equity)).toBe(units(balance) + units(unrealizedPnl) - units(openEntryFees));
      }
      expect(data['positions']).toMatchObject([
        { symbol: 'ETHUSDT', currentPrice: price, priceTime: '2026-01-01T00:02:00.000Z', heldSeconds: 120 },
        { symbol: 'BTCUSDT', currentPrice: price },
      ]);
    },
  );
});

/** Units of 1e-8 of a decimal text. */
function units(text: string | undefined): bigint {
  const [whole = '0', fraction = ''] = String(text).split('.');
  return BigInt(`${whole}${fraction.padEnd(8, '0')}`);
}
