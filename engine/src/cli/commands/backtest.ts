/** `kairos backtest`: what Kairos would have made of candle files, and the same with slippage beside it. */
import { createLog } from '@kairos/ports';
import type { AccountSettings, Config, Rate, SettingsPatch } from '@kairos/schema';
import { ONE_RATE, parseRate, parseSettingsPatch, SETTING_NAMES, ValueError } from '@kairos/schema';
import type { Cli, CommandAdder } from '../cli.js';
import { CliError, EXIT } from '../cli.js';
import { configOf } from '../process/open-process.js';

interface BacktestOptions {
  readonly symbols?: string;
  readonly set: readonly string[];
  readonly volumeShare?: string;
  readonly json?: boolean;
}

export const addBacktest: CommandAdder = (program, cli) => {
  program
    .command('backtest')
    .description('trade candle files of the past, and say what came of it, with and without slippage')
    .argument('[files...]', 'CSV files, gzipped or not, one per symbol; left out: those of FEED=replay:…')
    .option('--symbols <list>', 'what is in them, comma-separated in the same order; left out: SYMBOLS')
    .option('--set <name=value>', 'a setting of the account, such as stopLoss=0.02; may be repeated', collected, [])
    .option('--volume-share <share>', "an entry takes at most this share of its candle's volume; left out: any")
    .option('--json', 'print one JSON object, with every trade')
    .action((files: readonly string[], options: BacktestOptions) =>
      cli.run(async () => {
        cli.print(await backtest(cli, files, options));
        return EXIT.done;
      }),
    );
};

const collected = (value: string, before: readonly string[]): readonly string[] => [...before, value];

/** Resolves with what is printed. @throws CliError, ConfigError */
async function backtest(cli: Cli, files: readonly string[], options: BacktestOptions): Promise<string> {
  const config = configFor(cli, files, options);
  if (config.FEED.kind !== 'replay') {
    throw new CliError(
      'expected candle files: kairos backtest <file> --symbols <symbol> (or FEED=replay:<file>)',
      EXIT.usage,
    );
  }
  const volumeShare = volumeShareOf(options.volumeShare);
  const settings = patchOf(options.set);
  // Loaded here: no other command needs the predictor's libraries.
  const [{ CandleFileError }, { BacktestError }, { backtestFiles }, { backtestJson, backtestText }] = await Promise.all(
    [
      import('../../feed/index.js'),
      import('../../run/backtest/index.js'),
      import('../backtest/backtest-files.js'),
      import('../backtest/report.js'),
    ],
  );
  const format = config.LOG_FORMAT ?? (options.json ? 'json' : 'pretty');
  const log = createLog({ level: 'warn', format, name: 'backtest', destination: process.stderr });
  try {
    const found = await backtestFiles(log, { config, files: config.FEED.files, settings, volumeShare });
    return options.json ? JSON.stringify(backtestJson(found)) : backtestText(found);
  } catch (error) {
    const isOfFiles = error instanceof CandleFileError || error instanceof BacktestError;
    throw isOfFiles ? new CliError(error.message, EXIT.usage) : error;
  }
}

/** Files and symbols of the command line stand for those of the environment, so that both are read by the same rules. */
function configFor(cli: Cli, files: readonly string[], { symbols }: BacktestOptions): Config {
  const env = {
    ...cli.env,
    ...(files.length > 0 && { FEED: `replay:${files.join(',')}` }),
    ...(symbols !== undefined && { SYMBOLS: symbols }),
  };
  return configOf({ ...cli, env }, false);
}

/** @throws CliError */
function volumeShareOf(text: string | undefined): Rate | null {
  if (text === undefined) return null;
  try {
    const share = parseRate(text);
    if (share > 0n && share <= ONE_RATE) return share;
  } catch (error) {
    if (!(error instanceof ValueError)) throw error;
  }
  throw new CliError(`--volume-share: expected a share above 0 and at most 1, found ${text}`, EXIT.usage);
}

/** Of `name=value`; `off` turns a limit off. @throws CliError */
function patchOf(pairs: readonly string[]): SettingsPatch {
  const given: Partial<Record<keyof AccountSettings, unknown>> = {};
  for (const pair of pairs) {
    const [name = '', value = '', ...rest] = pair.split('=');
    if (!isSetting(name) || value.trim() === '' || rest.length > 0) {
      throw new CliError(`--set: expected <name>=<value>, found ${pair}; names are ${NAMES.join(', ')}`, EXIT.usage);
    }
    given[name] = readSetting(name, value);
  }
  try {
    return parseSettingsPatch(given);
  } catch (error) {
    if (error instanceof ValueError) throw new CliError(`--set: ${error.message}`, EXIT.usage);
    throw error;
  }
}

/** Which symbols there are is a matter of the files. */
const NAMES = SETTING_NAMES.filter((name) => name !== 'symbols');
const isSetting = (name: string): name is keyof AccountSettings => (NAMES as readonly string[]).includes(name);

const COUNTED: readonly (keyof AccountSettings)[] = ['minConfidence', 'maxOpenPositions', 'cooldownSeconds'];

function readSetting(name: keyof AccountSettings, value: string): unknown {
  if (value === 'off') return null;
  return COUNTED.includes(name) ? Number(value) : value;
}
