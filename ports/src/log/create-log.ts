/** The log of a process: lines for people on a terminal, JSON for machines. Secrets are taken out by key and by looks. */
import type { Logger } from 'pino';
import { pino } from 'pino';
import type { Clock } from '../clock/clock.js';
import { systemClock } from '../clock/system.js';
import type { Log } from './log.js';
import { formatPretty } from './pretty.js';
import { redactFields, redactText } from './redact.js';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Takes finished lines, each with its line end. */
export interface LogDestination {
  write(line: string): void;
  /** Whether it is a terminal that shows colours. */
  readonly isTTY?: boolean;
}

export interface LogOptions {
  /** Lines below it are left out. */
  readonly level: LogLevel;
  /** null: pretty when the destination is a terminal, JSON otherwise. */
  readonly format: 'pretty' | 'json' | null;
  /** The process or part that speaks: `trader`, `api`. */
  readonly name: string;
  /** Left out: standard output, where each line is written before the call returns. */
  readonly destination?: LogDestination;
  /** Left out: the machine's. */
  readonly clock?: Clock;
}

const STANDARD_OUTPUT = 1;

export function createLog(options: LogOptions): Log {
  const { level, name, clock = systemClock } = options;
  const destination = options.destination ?? standardOutput();
  const isPretty = options.format === null ? destination.isTTY === true : options.format === 'pretty';
  const hasColours = destination.isTTY === true;
  const sink = isPretty
    ? { write: (line: string) => destination.write(`${formatPretty(line, hasColours)}\n`) }
    : destination;
  const logger = pino(
    {
      level,
      base: { name },
      serializers: { err: (error: unknown) => error },
      formatters: { level: (label) => ({ level: label }) },
      timestamp: () => `,"time":"${new Date(clock.now()).toISOString()}"`,
    },
    sink,
  );
  return adapt(logger);
}

/** A reader that went away (EPIPE) silences it rather than ending the process. */
function standardOutput(): LogDestination {
  const stream = pino.destination({ dest: STANDARD_OUTPUT, sync: true });
  return { write: (line) => void stream.write(line), isTTY: process.stdout.isTTY === true };
}

function adapt(logger: Logger): Log {
  const at = (level: LogLevel) => (fields: object, message: string) => {
    if (logger.isLevelEnabled(level)) logger[level](redactFields(fields), redactText(message));
  };
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: (fields) => adapt(logger.child(redactFields(fields))),
  };
}
