/** `kairos doctor`: looks at what a start needs and says what is wrong and what to do; changes nothing that stays. */
import { constants } from 'node:fs';
import { access, mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { resolve } from 'node:path';
import type { Config } from '@kairos/schema';
import { ConfigError } from '@kairos/schema';
import { binanceProbe } from '../../feed/resolve.js';
import type { Cli, CommandAdder } from '../cli.js';
import { EXIT } from '../cli.js';
import { programFile } from '../process/node-program.js';
import { configOf } from '../process/open-process.js';
import { API_PROGRAM } from './api.js';

/** What was looked at: `fault` says what is wrong and what to do; null = nothing. */
interface Finding {
  readonly name: string;
  readonly detail: string;
  readonly fault: string | null;
}

const PROBE_MS_MAX = 5_000;

export const addDoctor: CommandAdder = (program, cli) => {
  program
    .command('doctor')
    .description('look at what a start needs; exit 0 when nothing is wrong')
    .option('--json', 'print one JSON object')
    .action(({ json }: { json?: boolean }) =>
      cli.run(async () => {
        const findings = await examine(cli);
        const isWell = findings.every(({ fault }) => fault === null);
        if (json) cli.print(JSON.stringify({ isWell, findings }));
        else for (const finding of findings) cli.print(lineOf(finding));
        return isWell ? EXIT.done : EXIT.failed;
      }),
    );
};

const lineOf = ({ name, detail, fault }: Finding): string =>
  fault === null ? `ok     ${name}: ${detail}` : `WRONG  ${name}: ${fault}`;

async function examine(cli: Cli): Promise<readonly Finding[]> {
  const findings: Finding[] = [{ name: 'Node.js', detail: process.version, fault: null }];
  const look = async (name: string, examination: () => Promise<string> | string) => {
    try {
      findings.push({ name, detail: await examination(), fault: null });
    } catch (error) {
      findings.push({ name, detail: '', fault: (error as Error).message });
    }
  };
  await look('build', () => programFile(API_PROGRAM));
  let config: Config;
  try {
    config = configOf(cli, false);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return [...findings, { name: 'configuration', detail: '', fault: error.message }];
  }
  findings.push({ name: 'configuration', detail: 'valid', fault: null });
  await look('DATA_DIR', () => writableFolder(config.DATA_DIR));
  await look('PORT', () => freePort(config));
  await look('FEED', () => feedDetail(config));
  return findings;
}

async function writableFolder(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  await access(folder, constants.R_OK | constants.W_OK);
  return resolve(folder);
}

function freePort({ PORT, listenHost }: Config): Promise<string> {
  return new Promise((resolveFree, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(PORT, listenHost, () => probe.close(() => resolveFree(`${listenHost}:${PORT} is free`)));
  });
}

async function feedDetail({ FEED, FEED_URL }: Config): Promise<string> {
  if (FEED.kind === 'simulator') return 'simulator';
  if (FEED.kind === 'replay') {
    for (const file of FEED.files) await access(file, constants.R_OK);
    return `replay of ${FEED.files.join(', ')}`;
  }
  if (FEED.kind === 'exchange' && FEED.exchange !== 'binance') return FEED.exchange;
  try {
    await binanceProbe(FEED_URL)(AbortSignal.timeout(PROBE_MS_MAX));
    return 'Binance answers';
  } catch (error) {
    if (FEED.kind === 'exchange') throw error;
    return `Binance does not answer (${(error as Error).message}): auto means the simulator`;
  }
}
