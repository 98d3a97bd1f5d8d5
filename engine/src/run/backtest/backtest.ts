/**
 * A backtest: the core that trades, over candles of the past, in one process and as fast as it steps. What it is fed and
 * in which order is what a replay of the same candles would feed it, so that both come to the same trades.
 *
 * Beside the run stands the same run with slippage: fills at the last price are what most backtests fool people with.
 */
import type { AccountSettings, Instant, Instrument, MarketCandle, Money, Rate, Signal } from '@kairos/schema';
import { parseRate } from '@kairos/schema';
import { createEngine } from '../../core/engine.js';
import type { Input } from '../../core/input.js';
import type { TradingRules } from '../../core/rules.js';
import { emptyState } from '../../core/state.js';
import { equityPoints } from '../equity.js';
import { createBenchmark } from './benchmark.js';
import type { BacktestStats } from './course.js';
import { createCourse } from './course.js';

/** Share of the price that the run beside loses on every fill: 5 basis points. */
export const SLIPPAGE_BESIDE: Rate = parseRate('0.0005');

/** Candles that close at one time, in order of symbol, and the signals for them in the same order. */
export interface BacktestRound {
  readonly candles: readonly MarketCandle[];
  readonly signals: readonly Signal[];
  /** Only trained on: nothing is traded yet. */
  readonly isTraining: boolean;
}

export interface BacktestPlan {
  /** Its default settings are those of the account. */
  readonly rules: TradingRules;
  readonly initialBalance: Money;
  readonly instruments: readonly Instrument[];
}

export interface Backtest {
  /** All that were read. */
  readonly candles: number;
  /** Close of the last candle that was only trained on, and of the last of all. */
  readonly from: Instant;
  readonly to: Instant;
  readonly settings: AccountSettings;
  readonly stats: BacktestStats;
  /** The same run with a slippage of `SLIPPAGE_BESIDE`. */
  readonly withSlippage: BacktestStats;
  /** What holding the symbols in equal parts from `from` to `to` would have come to, costs left out; null = no price at `from`. */
  readonly benchmarkReturnPercent: number | null;
}

const WORLD = 'REPLAY:backtest';
const ACCOUNT = 'backtest';
const ACCOUNT_BESIDE = 'backtest-slippage';

/** There is nothing to trade. */
export class BacktestError extends Error {
  override readonly name = 'BacktestError';
}

/** @throws BacktestError where all candles were only trained on, or there are none. */
export async function runBacktest(
  rounds: AsyncIterable<BacktestRound> | Iterable<BacktestRound>,
  { rules, initialBalance, instruments }: BacktestPlan,
): Promise<Backtest> {
  const engine = createEngine(emptyState(WORLD), rules);
  const { state } = engine;
  const courses = [createCourse(ACCOUNT), createCourse(ACCOUNT_BESIDE)] as const;
  const benchmark = createBenchmark();
  let candles = 0;
  let wall = 0 as Instant;
  let from: Instant | null = null;

  const step = (input: Input): void => {
    for (let isPartial = true; isPartial;) {
      const result = engine.step(input);
      const points = equityPoints(state, input, result);
      for (const course of courses) course.take(result.events, points);
      ({ isPartial } = result);
    }
  };

  const open = (accountId: string, settings: Partial<AccountSettings>): void => {
    const account = { name: accountId, mode: 'PAPER' as const, initialBalance, userId: '' };
    const command = { id: accountId, action: 'OPEN_ACCOUNT' as const, accountId, account, settings, time: wall };
    const unsaid = { tradeId: null, issuedBy: null, reason: null, signature: null };
    step({ kind: 'command', command: { ...command, ...unsaid }, isSigned: true, wall });
  };

  const begin = (): void => {
    from = state.now;
    open(ACCOUNT, {});
    open(ACCOUNT_BESIDE, { slippage: SLIPPAGE_BESIDE });
    benchmark.begin();
  };

  step({ kind: 'instruments', instruments, wall });
  for await (const round of rounds) {
    const first = round.candles[0];
    if (!first) continue;
    wall = first.at;
    if (candles === 0) step({ kind: 'begin', at: first.time, wall });
    if (from === null && !round.isTraining) begin();
    for (const candle of round.candles) {
      benchmark.price(candle.symbol, candle.close);
      step({ kind: 'price', candle, wall });
    }
    for (const signal of round.signals) step({ kind: 'signal', signal, wall });
    engine.takeChanges();
    candles += round.candles.length;
  }
  if (from === null)
    throw new BacktestError(`expected candles to trade after those trained on, found ${candles} in all`);
  const span = { from, to: wall };
  return {
    candles,
    ...span,
    settings: rules.defaultSettings,
    stats: courses[0].stats(state, span),
    withSlippage: courses[1].stats(state, span),
    benchmarkReturnPercent: benchmark.returnPercent(),
  };
}
