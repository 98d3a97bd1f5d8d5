import { render, screen } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import type { Stats } from '../api/fragments.js';
import { UNKNOWN } from '../format/decimal.js';
import Statistics from './Statistics.svelte';

const STATS: Stats = {
  closedTrades: 7,
  wins: 4,
  losses: 3,
  winRate: 4 / 7,
  initialBalance: '5000',
  feesPaid: '12.5',
  averageWin: '20',
  averageLoss: '10',
  payoffRatio: 2,
  profitFactor: 2.6666666,
  rating: 'EXCELLENT',
  expectancy: '7.14',
  maxDrawdown: '120.5',
  maxDrawdownPercent: 2.4,
  averageHoldingSeconds: 3_600,
  longestWinStreak: 3,
  longestLossStreak: 2,
  currentStreak: -2,
  exposure: 0.4,
  volume: '35000.25',
  sharpeRatio: 1.2345,
  sortinoRatio: null,
  calmarRatio: -0.5,
  cagrPercent: 12.3,
  longestDrawdownDays: 9,
  sqn: 1.5,
  pValue: 0.0213,
  bestTrade: null,
  worstTrade: null,
};

const figure = (name: string) => {
  const term = screen.getByText(name, { selector: 'dt' });
  return { term, value: term.nextElementSibling as HTMLElement };
};

describe('statistics', () => {
  it.each([
    ['Sharpe', '1.23'],
    ['Sortino', UNKNOWN],
    ['Calmar', '−0.50'],
    ['Yearly growth', '+12.30 %'],
    ['System quality', '1.50'],
    ['p-value', '0.021'],
    ['Longest under water', '9 d'],
    ['Volume', '35,000.25'],
  ])('%s is shown as %s and says what it means', (name, text) => {
    render(Statistics, { stats: STATS, onretry: () => undefined });
    const { term, value } = figure(name);
    expect(value.textContent).toBe(text);
    expect(term.title).not.toBe('');
  });

  it('have all digits and the streak under way for who points at them', () => {
    render(Statistics, { stats: STATS, onretry: () => undefined });
    expect(figure('Sharpe').value.title).toBe('1.2345');
    expect(figure('Longest streak').value.title).toBe('Now: 2 lost');
  });

  it('are unknown before the first answer', () => {
    render(Statistics, { stats: null, onretry: () => undefined });
    for (const name of ['Sharpe', 'Calmar', 'Deepest drawdown', 'Longest under water', 'Volume']) {
      expect(figure(name).value.textContent).toBe(UNKNOWN);
    }
  });
});
