import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Money } from '../value/decimal.js';
import { formatMoney } from '../value/decimal.js';
import { parseInstant } from '../value/instant.js';
import { closedTrade } from '../../fixtures/closed-trade.js';
import type { GroupableTrade, Grouping } from './groups.js';
import { groupPerformance, GROUPINGS } from './groups.js';

const trade = (pnl: string, entry: string, fields: Partial<GroupableTrade> = {}): GroupableTrade =>
  closedTrade(pnl, parseInstant(entry), { symbol: 'BTCUSDT', exitReason: 'SIGNAL', regime: null, ...fields } as const);

const groupsOf = (by: Grouping, trades: readonly GroupableTrade[]) => {
  const fold = groupPerformance(by);
  return fold.result(trades.reduce(fold.add, fold.initial));
};

describe('performance by group', () => {
  const trades = [
    trade('10', '2024-01-31T21:00Z', { regime: 'RANGING' }),
    trade('-4', '2024-01-31T22:59:59.999Z', { symbol: 'ETHUSDT', exitReason: 'STOP_LOSS' }),
    trade('0', '2024-01-31T23:00Z', { regime: 'RANGING' }),
    trade('-1', '2024-02-04T20:00Z', { exitReason: 'PANIC', regime: 'VOLATILE' }),
    trade('2', '2024-02-04T23:00Z', { symbol: 'ETHUSDT', regime: 'RANGING' }),
  ];

  it.each<[Grouping, [string, number, string][]]>([
    ['SYMBOL', [['BTCUSDT', 3, '9'], ['ETHUSDT', 2, '-2']]], // prettier-ignore
    ['EXIT_REASON', [['PANIC', 1, '-1'], ['SIGNAL', 3, '12'], ['STOP_LOSS', 1, '-4']]], // prettier-ignore
    ['REGIME', [['RANGING', 3, '12'], ['UNKNOWN', 1, '-4'], ['VOLATILE', 1, '-1']]], // prettier-ignore
    ['DAY', [['2024-01-31', 2, '6'], ['2024-02-01', 1, '0'], ['2024-02-04', 1, '-1'], ['2024-02-05', 1, '2']]], // prettier-ignore
    ['WEEK', [['2024-01-29', 4, '5'], ['2024-02-05', 1, '2']]], // prettier-ignore
    ['MONTH', [['2024-01', 2, '6'], ['2024-02', 3, '1']]], // prettier-ignore
  ])('%s: by exit in UTC, in order', (by, expected) => {
    const groups = groupsOf(by, trades).map((row) => [row.group, row.closedTrades, formatMoney(row.realizedPnl)]);
    expect(groups).toEqual(expected);
  });

  it('counts won and lost, and has no profit factor without a lost trade', () => {
    expect(groupsOf('REGIME', trades)[0]).toMatchObject({ wins: 2, losses: 0, winRate: 2 / 3, profitFactor: null });
    expect(groupsOf('SYMBOL', trades)[0]).toMatchObject({ wins: 1, losses: 1, profitFactor: 10 });
  });

  it('leaves earlier states as they were', () => {
    const fold = groupPerformance('SYMBOL');
    const kept = trades.slice(0, 2).reduce(fold.add, fold.initial);
    const before = fold.result(kept);
    fold.add(kept, trades[2]!);
    expect(fold.result(kept)).toEqual(before);
  });

  it('comes to the whole whatever the grouping', () => {
    const pnl = fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n });
    const day = fc.integer({ min: 1, max: 28 }).map((number) => String(number).padStart(2, '0'));
    const some = fc.tuple(pnl, day, fc.constantFrom('BTCUSDT', 'ETHUSDT', 'SOLUSDT'));
    fc.assert(
      fc.property(fc.array(some, { maxLength: 40 }), fc.constantFrom(...GROUPINGS), (drawn, by) => {
        const all = drawn.map(([units, on, symbol]) =>
          trade(formatMoney(units as Money), `2024-03-${on}T00:00Z`, { symbol }),
        );
        const groups = groupsOf(by, all);
        expect(groups.reduce((sum, { closedTrades }) => sum + closedTrades, 0)).toBe(all.length);
        expect(groups.reduce((sum, { realizedPnl }) => sum + realizedPnl, 0n)).toBe(
          drawn.reduce((sum, [units]) => sum + units, 0n),
        );
        expect(new Set(groups.map(({ group }) => group)).size).toBe(groups.length);
      }),
    );
  });
});
