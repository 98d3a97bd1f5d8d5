/** The log of a process. */
import type { Log } from './log.js';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface LogOptions {
  readonly level: LogLevel;
  /** null: pretty when standard output is a terminal, JSON otherwise. */
  readonly format: 'pretty' | 'json' | null;
  /** The process or part that speaks: `trader`, `api`. */
  readonly name: string;
  /** Takes finished lines, each with its line end; left out: standard output. */
  readonly destination?: { write(line: string): void };
}

export declare function createLog(options: LogOptions): Log;
