/**
 * The api process. Reads `.env` of its folder; ends on SIGTERM, SIGINT, SIGHUP or when the process that started it with
 * a channel is gone. Exit codes: 0 asked to end, 1 failed, 2 wrong configuration.
 */
import { existsSync } from 'node:fs';
import { endOnStall, systemClock } from '@kairos/ports';
import { EXIT, runApi } from './run-api.js';

/** Whatever still runs when everything should have ended is cut after this long. */
const STOP_MS_MAX = 4_800;
const stopping = new AbortController();
const complain = (message: string) => void process.stderr.write(`${message}\n`);

const stop = () => {
  stopping.abort();
  setTimeout(() => process.exit(EXIT.failed), STOP_MS_MAX).unref();
};
for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(name, stop);
if (process.connected) process.on('disconnect', stop);

const end = (error: unknown) => {
  complain(`unforeseen error: this process ends: ${error instanceof Error ? error.stack : String(error)}`);
  process.exit(EXIT.failed);
};
process.on('uncaughtException', end);
process.on('unhandledRejection', end);
endOnStall();

if (existsSync('.env')) process.loadEnvFile('.env');
const exitCode = await runApi({
  env: process.env,
  clock: systemClock,
  signal: stopping.signal,
  complain,
  onReady: (message) => void process.send?.(message),
});
process.exit(exitCode);
