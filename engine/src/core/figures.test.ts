/** The worked figures of the contract, to the last digit. */
import { formatAmount, formatMoney } from '@kairos/schema';
import { describe, expect, it } from 'vitest';
import { scenario } from './scenario.fixture.js';

interface Worked {
  readonly entry: string;
  readonly exit: string;
  readonly isPanic?: boolean;
  readonly risk?: string;
  readonly expected: Record<string, string>;
}

const WORKED: readonly Worked[] = [
  {
    entry: '68234',
    exit: '68891',
    expected: {
      amount: '0.03663862',
      cost: '2499.99959708',
      entryFee: '2.4999996',
      cashOpen: '2497.50040332',
      revenue: '2524.07117042',
      exitFee: '2.52407118',
      pnl: '19.04750256',
      cash: '5019.04750256',
    },
  },
  {
    entry: '68234',
    exit: '68500',
    isPanic: true,
    expected: {
      amount: '0.03663862',
      cost: '2499.99959708',
      entryFee: '2.4999996',
      cashOpen: '2497.50040332',
      revenue: '2509.74547',
      exitFee: '2.50974547',
      pnl: '4.73612785',
      cash: '5004.73612785',
    },
  },
  {
    entry: '0.5123',
    exit: '0.5207',
    expected: {
      amount: '4879.95315244',
      cost: '2500',
      entryFee: '2.5',
      cashOpen: '2497.5',
      revenue: '2540.99160647',
      exitFee: '2.54099161',
      pnl: '35.95061486',
      cash: '5035.95061486',
    },
  },
  {
    entry: '68234',
    exit: '68891',
    risk: '1',
    expected: {
      amount: '0.07320404',
      cost: '4995.00446536',
      entryFee: '4.99500447',
      cashOpen: '0.00053017',
      revenue: '5043.09951964',
      exitFee: '5.04309952',
      pnl: '38.05695029',
      cash: '5038.05695029',
    },
  },
];

describe('the worked figures of the contract', () => {
  it.each(WORKED)(
    'hold for $entry → $exit (panic: $isPanic, risk: $risk)',
    ({ entry, exit, isPanic, risk, expected }) => {
      const world = scenario({ settings: risk ? { riskPerTrade: risk } : {} });
      const [opened] = world.buy(entry);
      const cashOpen = opened?.account.cash;
      world.wait(60);
      if (isPanic) world.price(exit);
      const events = isPanic ? world.command({ action: 'STOP_BOT' }) : world.sell(exit);
      const closed = events.find((event) => event.type === 'TRADE_CLOSED');
      const trade = closed?.trade;
      if (!trade?.revenue || !trade.exitFee || !trade.pnl || cashOpen === undefined)
        throw new Error('nothing was closed');
      expect({
        amount: formatAmount(trade.amount),
        cost: formatMoney(trade.cost),
        entryFee: formatMoney(trade.entryFee),
        cashOpen: formatMoney(cashOpen),
        revenue: formatMoney(trade.revenue),
        exitFee: formatMoney(trade.exitFee),
        pnl: formatMoney(trade.pnl),
        cash: formatMoney(world.account().account.cash),
      }).toEqual(expected);
      expect(trade.exitReason).toBe(isPanic ? 'PANIC' : 'SIGNAL');
    },
  );
});
