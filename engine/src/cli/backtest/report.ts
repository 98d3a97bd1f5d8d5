/** What came of a backtest, for people and for machines. */
import type { Money } from '@kairos/schema';
import {
  divide,
  formatAmount,
  formatInstant,
  formatMoney,
  formatPrice,
  formatRate,
  MONEY_DECIMALS,
  powerOfTen,
  ratioOf,
  RATE_DECIMALS,
  settingsToJson,
  toNumber,
} from '@kairos/schema';
import type { Backtest, BacktestStats } from '../../run/backtest/index.js';
import { SLIPPAGE_BESIDE } from '../../run/backtest/index.js';
import type { BacktestOfFiles } from './backtest-files.js';

type Figure = readonly [label: string, of: (stats: BacktestStats) => string];

const CENT_DECIMALS = 2;
const CENT = powerOfTen(MONEY_DECIMALS - CENT_DECIMALS);
const CENTS = powerOfTen(CENT_DECIMALS);
const DAY_SECONDS = 86_400;
const HOUR_SECONDS = 3_600;
const NONE = '–';

function money(value: Money): string {
  const cents = divide(value, CENT, 'halfEven');
  const size = cents < 0n ? -cents : cents;
  const whole = (size / CENTS).toLocaleString('en-US');
  return `${cents < 0n ? '-' : ''}${whole}.${String(size % CENTS).padStart(CENT_DECIMALS, '0')}`;
}

const orNone = <T>(value: T | null, write: (value: T) => string): string => (value === null ? NONE : write(value));
const number = (value: number | null): string => orNone(value, (found) => found.toFixed(2));
const percent = (value: number | null): string => orNone(value, (found) => `${found.toFixed(2)} %`);
const share = (value: number | null): string => percent(value === null ? null : value * 100);

const returnPercent = ({ equity, account }: BacktestStats): number | null =>
  ratioOf((equity - account.initialBalance) * 100n, account.initialBalance);

const winRate = ({ wins, closedTrades }: BacktestStats): number | null => ratioOf(BigInt(wins), BigInt(closedTrades));

function duration(seconds: number): string {
  if (seconds >= DAY_SECONDS) return `${(seconds / DAY_SECONDS).toFixed(1)} d`;
  return seconds >= HOUR_SECONDS ? `${(seconds / HOUR_SECONDS).toFixed(1)} h` : `${Math.round(seconds / 60)} min`;
}

const FIGURES: readonly Figure[] = [
  ['final equity', ({ equity }) => money(equity)],
  ['return', (stats) => percent(returnPercent(stats))],
  ['closed trades', ({ closedTrades }) => closedTrades.toLocaleString('en-US')],
  ['win rate', (stats) => share(winRate(stats))],
  ['profit factor', ({ profitFactor }) => number(profitFactor)],
  ['expectancy per trade', ({ expectancy }) => orNone(expectancy, money)],
  ['fees paid', ({ account }) => money(account.feesPaid)],
  ['deepest drawdown', ({ maxDrawdownPercent }) => percent(maxDrawdownPercent)],
  ['Sharpe / Sortino', ({ sharpeRatio, sortinoRatio }) => `${number(sharpeRatio)} / ${number(sortinoRatio)}`],
  ['CAGR', ({ cagrPercent }) => percent(cagrPercent)],
  ['Calmar / SQN', ({ calmarRatio, sqn }) => `${number(calmarRatio)} / ${number(sqn)}`],
  ['p-value of the mean trade', ({ pValue }) => number(pValue)],
  ['time in the market', ({ exposure }) => share(exposure)],
  ['held on average', ({ averageHoldingSeconds }) => orNone(averageHoldingSeconds, duration)],
];

const LABEL_WIDTH = 28;
const COLUMN_WIDTH = 18;

const row = (label: string, ...columns: readonly string[]): string =>
  `${label.padEnd(LABEL_WIDTH)}${columns.map((text) => text.padStart(COLUMN_WIDTH)).join('')}`;

/** A day and time in UTC, without seconds. */
const moment = (at: Backtest['from']): string => formatInstant(at).slice(0, 16).replace('T', ' ');

export function backtestText({ backtest, symbols, interval, files }: BacktestOfFiles): string {
  const { from, to, stats, withSlippage, benchmarkReturnPercent, settings } = backtest;
  const beside = `${toNumber(SLIPPAGE_BESIDE, RATE_DECIMALS) * 100} % slippage`;
  const asSet = settings.slippage === 0n ? 'no slippage' : `slippage ${formatRate(settings.slippage)}`;
  const denied = [...stats.denials].sort(([, a], [, b]) => b - a);
  const { quoteCurrency, initialBalance } = stats.account;
  return [
    `${symbols.join(', ')} ${interval}, traded from ${moment(from)} to ${moment(to)} UTC with ${money(initialBalance)} ${quoteCurrency}`,
    files,
    '',
    row('', asSet, beside),
    ...FIGURES.map(([label, of]) => row(label, of(stats), of(withSlippage))),
    '',
    `Holding the same instead, costs left out: ${percent(benchmarkReturnPercent)}`,
    ...(denied.length > 0
      ? [`Signals denied: ${denied.map(([reason, count]) => `${reason} ${count.toLocaleString('en-US')}`).join(', ')}`]
      : []),
  ].join('\n');
}

/** Money and prices as decimal strings, times as epoch milliseconds. */
export function backtestJson({ backtest, symbols, interval }: BacktestOfFiles): Record<string, unknown> {
  const { candles, from, to, settings, stats, withSlippage, benchmarkReturnPercent } = backtest;
  return {
    symbols,
    interval,
    candles,
    from,
    to,
    settings: settingsToJson(settings),
    stats: statsJson(stats),
    withSlippage: statsJson(withSlippage),
    benchmarkReturnPercent,
  };
}

function statsJson(stats: BacktestStats): Record<string, unknown> {
  const { account } = stats;
  return {
    initialBalance: formatMoney(account.initialBalance),
    equity: formatMoney(stats.equity),
    balance: formatMoney(account.balance),
    cash: formatMoney(account.cash),
    realizedPnl: formatMoney(stats.realizedPnl),
    feesPaid: formatMoney(account.feesPaid),
    closedTrades: stats.closedTrades,
    openTrades: stats.openTrades.length,
    wins: stats.wins,
    losses: stats.losses,
    winRate: winRate(stats),
    averageWin: stats.averageWin && formatMoney(stats.averageWin),
    averageLoss: stats.averageLoss && formatMoney(stats.averageLoss),
    payoffRatio: stats.payoffRatio,
    profitFactor: stats.profitFactor,
    rating: stats.rating,
    expectancy: stats.expectancy && formatMoney(stats.expectancy),
    maxDrawdown: formatMoney(stats.maxDrawdown),
    maxDrawdownPercent: stats.maxDrawdownPercent,
    averageHoldingSeconds: stats.averageHoldingSeconds,
    longestWinStreak: stats.longestWinStreak,
    longestLossStreak: stats.longestLossStreak,
    sharpeRatio: stats.sharpeRatio,
    sortinoRatio: stats.sortinoRatio,
    cagrPercent: stats.cagrPercent,
    calmarRatio: stats.calmarRatio,
    sqn: stats.sqn,
    pValue: stats.pValue,
    exposure: stats.exposure,
    denials: Object.fromEntries(stats.denials),
    trades: stats.trades.map(tradeJson),
  };
}

const tradeJson = (trade: BacktestStats['trades'][number]): Record<string, unknown> => ({
  symbol: trade.symbol,
  amount: formatAmount(trade.amount),
  entryTime: trade.entryTime,
  entryPrice: formatPrice(trade.entryPrice),
  exitTime: trade.exitTime,
  exitPrice: trade.exitPrice && formatPrice(trade.exitPrice),
  exitReason: trade.exitReason,
  pnl: formatMoney(trade.pnl),
});
