/** Replays candle files: one per symbol, in the order of SYMBOLS, interval and decimals taken from the files. */
import { basename } from 'node:path';
import type { Config, Instrument, World } from '@kairos/schema';
import { currenciesOf, writeInstruments, writeTrainingCounts } from '@kairos/schema';
import { readCandles } from '../csv/reader.js';
import { CandleFileError } from '../errors.js';
import type { FileReport } from '../csv/report.js';
import { createFileReport, summaryText } from '../csv/report.js';
import type { FileSurvey } from '../csv/survey.js';
import { surveyFile } from '../csv/survey.js';
import type { LockStepSource } from '../lock-step/source.js';
import type { Publisher } from '../lock-step/publisher.js';
import { createPublisher } from '../lock-step/publisher.js';
import type { FeedDeps, FeedWork } from '../work.js';
import { mergeCandles } from './merge.js';

/** `source` of a replay's candles. */
export const REPLAY_SOURCE = 'replay';

export interface ReplayOptions {
  readonly files: readonly string[];
  readonly config: Pick<Config, 'SYMBOLS' | 'INTERVAL' | 'FEED_SPEED'>;
  readonly world: World;
}

export function createReplay(deps: FeedDeps, { files, config, world }: ReplayOptions): FeedWork {
  const speed = config.FEED_SPEED ?? 1;
  let publisher: Publisher | null = null;
  return {
    name: files.map((file) => basename(file)).join(', '),
    speed: speed === Infinity ? null : speed,
    async prepare() {
      const { source, instruments, trainingCandles } = await openCandleFiles(deps, files, config);
      await writeInstruments(deps.store.app.facts, world, instruments);
      await writeTrainingCounts(deps.store.app.facts, world, trainingCandles);
      publisher = createPublisher(deps, { source, symbols: instruments.length, speed, initialCredit: 1 });
    },
    async run(signal) {
      await publisher?.run(signal);
    },
    status: () =>
      publisher?.status() ?? { healthy: true, detail: 'looks the files over', worldTime: null, endedAt: null },
  };
}

/** Candle files, one per symbol, as one source. */
export interface CandleFiles {
  readonly source: LockStepSource;
  readonly instruments: readonly Instrument[];
  /** How many of each symbol's first candles are for training only. */
  readonly trainingCandles: Readonly<Record<string, number>>;
}

/**
 * Looks files over; their candles are read when they are asked for, and what is wrong with them is told to the log.
 *
 * @throws CandleFileError when a file cannot serve, or the files differ in interval.
 */
export async function openCandleFiles(
  deps: Pick<FeedDeps, 'log'>,
  files: readonly string[],
  config: Pick<Config, 'SYMBOLS' | 'INTERVAL'>,
): Promise<CandleFiles> {
  const surveys = await surveyAll(files, config);
  return {
    source: createReplaySource(deps, surveys),
    instruments: surveys.map(toInstrument),
    trainingCandles: Object.fromEntries(surveys.map(({ symbol, trainingCandles }) => [symbol, trainingCandles])),
  };
}

async function surveyAll(
  files: readonly string[],
  config: Pick<Config, 'SYMBOLS' | 'INTERVAL'>,
): Promise<readonly FileSurvey[]> {
  const surveys: FileSurvey[] = [];
  for (const [index, file] of files.entries()) {
    const survey = await surveyFile(file, config.SYMBOLS[index]!, config.INTERVAL);
    const first = surveys[0] ?? survey;
    if (survey.interval !== first.interval) {
      const expected = `expected ${first.interval} candles as in ${first.path}, found ${survey.interval}`;
      throw new CandleFileError(file, `${expected}; replay files of one interval together`);
    }
    surveys.push(survey);
  }
  return surveys;
}

function createReplaySource({ log }: Pick<FeedDeps, 'log'>, surveys: readonly FileSurvey[]): LockStepSource {
  const reports = surveys.map((survey) => createFileReport(log, basename(survey.path)));
  let passes = 0;
  return {
    name: REPLAY_SOURCE,
    interval: surveys[0]!.interval,
    groups() {
      // A second pass, after a failure of the bus, tells nothing again.
      const isFirst = ++passes === 1;
      const streams = surveys.map((survey, index) => ({
        symbol: survey.symbol,
        trainingCandles: survey.trainingCandles,
        batches: isFirst ? readReported(survey, reports[index]!) : readCandles(survey, SILENT),
      }));
      return mergeCandles(streams, REPLAY_SOURCE);
    },
    detail: () =>
      surveys
        .map(({ symbol, interval }, i) => `${symbol} ${interval}: ${summaryText(reports[i]!.summary())}`)
        .join('; '),
  };
}

const SILENT = { defect: () => undefined, note: () => undefined };

async function* readReported(survey: FileSurvey, report: FileReport): ReturnType<typeof readCandles> {
  for await (const candles of readCandles(survey, report)) {
    report.kept(candles.length);
    yield candles;
  }
  report.finish();
}

/** Nobody said what the exchange's steps were: amounts to 8 decimals, no smallest order. */
const toInstrument = ({ symbol, priceDecimals }: FileSurvey): Instrument => ({
  symbol,
  ...currenciesOf(symbol),
  priceDecimals,
  amountDecimals: 8,
  minOrderValue: null,
});
