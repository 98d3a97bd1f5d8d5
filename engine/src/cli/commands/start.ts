/** `kairos start`: everything on this machine, engine and API as processes of their own under one supervisor. */
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { ReadyMessage } from '@kairos/ports';
import { worldOf } from '@kairos/ports';
import type { Config } from '@kairos/schema';
import type { Cli, CommandAdder } from '../cli.js';
import { CliError } from '../cli.js';
import { feedText, START_SIMULATOR_SPEED, withFeedAsked } from '../feed-in-use.js';
import { programFile } from '../process/node-program.js';
import { configOf, logOf } from '../process/open-process.js';
import { listenForStop } from '../process/stop-signal.js';
import { readyLine, readyText } from '../supervisor/ready.js';
import type { SupervisedProgram } from '../supervisor/supervisor.js';
import { supervise } from '../supervisor/supervisor.js';
import { API_PROGRAM } from './api.js';

const CLI_FILE = fileURLToPath(new URL('../../../bin/kairos.mjs', import.meta.url));
const NAME_WIDTH = 6;

export const addStart: CommandAdder = (program, cli) => {
  program
    .command('start')
    .description('run everything: engine and API, with the page (npm start)')
    .option('--json', 'log in JSON')
    .action((options: { json?: boolean }) => cli.run(() => start(cli, options.json ?? false)));
};

async function start(cli: Cli, isJson: boolean): Promise<number> {
  const stop = listenForStop();
  const asked = configOf(cli, isJson);
  const log = logOf(asked, 'kairos');
  await assertPortIsFree(asked);
  const config = await withFeedAsked(asked, { clock: cli.clock, log });
  await worldOf(config.FEED, { symbols: config.SYMBOLS }); // A replay's file that cannot be read is told once, here.
  // Pure JSON, a line each, for whoever asked for it; otherwise people read this, in a terminal or a file.
  const isForPeople = asked.LOG_FORMAT !== 'json';
  const speed = config.FEED_SPEED ?? (config.FEED.kind === 'simulator' ? START_SIMULATOR_SPEED : null);
  const env = {
    ...cli.env,
    FEED: feedText(config.FEED),
    LOG_FORMAT: asked.LOG_FORMAT ?? (process.stdout.isTTY ? 'pretty' : 'json'),
    ...(speed === null ? {} : { FEED_SPEED: speed === Infinity ? 'max' : String(speed) }),
  };
  const programs: SupervisedProgram[] = [
    { name: 'engine', file: CLI_FILE, args: isForPeople ? ['engine'] : ['engine', '--json'], env },
    { name: 'api', file: programFile(API_PROGRAM), args: [], env },
  ];
  const tellReady = createTeller(cli, isForPeople, (message) => log.info({ ...message }, readyLine(message)));
  return supervise(programs, {
    clock: cli.clock,
    log,
    signal: stop.signal,
    onLine: (name, line) => cli.print(isForPeople ? `${name.padEnd(NAME_WIDTH)} | ${line}` : line),
    onReady: tellReady,
  });
}

/** Address and login are told once; after a restart of the API one line is enough. */
function createTeller(cli: Cli, isForPeople: boolean, logReady: (message: ReadyMessage) => void) {
  let isTold = false;
  return (message: ReadyMessage) => {
    if (isForPeople && !isTold) cli.print(readyText(message));
    else logReady(message);
    isTold = true;
  };
}

/** Two of them on one port would end each other for ever. */
function assertPortIsFree({ PORT, listenHost }: Config): Promise<void> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) => {
      const isTaken = error.code === 'EADDRINUSE';
      const advice = isTaken ? 'Is Kairos running already? Otherwise set PORT to another one.' : error.message;
      reject(
        new CliError(
          `expected to listen on ${listenHost} port ${PORT}, found it ${isTaken ? 'taken' : 'closed to us'}. ${advice}`,
        ),
      );
    });
    probe.listen(PORT, listenHost, () => probe.close(() => resolve()));
  });
}
