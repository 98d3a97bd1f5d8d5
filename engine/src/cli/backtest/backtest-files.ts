/** Candle files, the predictor and the core put together: what a replay of the same files would come to. */
import type { Log } from '@kairos/ports';
import type { Config, Interval, MarketCandle, Rate, SettingsPatch, Signal } from '@kairos/schema';
import { withSettings } from '@kairos/schema';
import type { CandleFiles } from '../../feed/index.js';
import { openCandleFiles } from '../../feed/index.js';
import type { SignalFold } from '../../predict/index.js';
import { costsOf, createSignalFold } from '../../predict/index.js';
import type { Backtest, BacktestRound } from '../../run/backtest/index.js';
import { runBacktest } from '../../run/backtest/index.js';
import { rulesOf } from '../../run/index.js';

export interface BacktestFilesOptions {
  /** Its SYMBOLS are those of the files, in the same order. */
  readonly config: Config;
  readonly files: readonly string[];
  /** Of the account, over those of the configuration. */
  readonly settings: SettingsPatch;
  /** An entry takes at most this share of its candle's volume; null = any. */
  readonly volumeShare: Rate | null;
}

export interface BacktestOfFiles {
  readonly backtest: Backtest;
  readonly symbols: readonly string[];
  readonly interval: Interval;
  /** One line about what was read and left out. */
  readonly files: string;
}

/** @throws CandleFileError when a file cannot serve; BacktestError when there is nothing to trade. */
export async function backtestFiles(log: Log, options: BacktestFilesOptions): Promise<BacktestOfFiles> {
  const { config, settings, volumeShare } = options;
  const files = await openCandleFiles({ log }, options.files, config);
  const rules = rulesOf(config, () => true);
  const predictor = createSignalFold({
    costs: costsOf(config.COMMISSION),
    trainingCandlesOf: (symbol) => files.trainingCandles[symbol] ?? 0,
  });
  const backtest = await runBacktest(roundsOf(files, predictor), {
    rules: {
      ...rules,
      defaultSettings: withSettings(rules.defaultSettings, settings),
      fillModel: { volumeShare, refusalOf: () => null },
    },
    initialBalance: config.INITIAL_BALANCE,
    instruments: files.instruments,
  });
  const { source } = files;
  return { backtest, symbols: config.SYMBOLS, interval: source.interval, files: source.detail() };
}

async function* roundsOf({ source }: CandleFiles, predictor: SignalFold): AsyncGenerator<BacktestRound> {
  const signalOf = (candle: MarketCandle): Signal | [] => predictor.take(candle) ?? [];
  for await (const groups of source.groups(null)) {
    for (const { candles, isTraining } of groups) yield { candles, isTraining, signals: candles.flatMap(signalOf) };
  }
}
