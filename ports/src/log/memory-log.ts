/** A log that keeps its lines, for tests that look at what was said, not at how. */
import type { Log } from './log.js';
import type { LogLevel } from './create-log.js';

export interface MemoryLogLine {
  readonly level: LogLevel;
  readonly message: string;
  /** Fields of the line over those of its log. */
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface MemoryLog extends Log {
  /** Lines of this log and its children, in the order in which they were said. */
  readonly lines: readonly MemoryLogLine[];
}

export function createMemoryLog(): MemoryLog {
  const lines: MemoryLogLine[] = [];
  const logWith = (base: object): Log => {
    const at = (level: LogLevel) => (fields: object, message: string) => {
      lines.push({ level, message, fields: { ...base, ...fields } });
    };
    return {
      debug: at('debug'),
      info: at('info'),
      warn: at('warn'),
      error: at('error'),
      child: (fields) => logWith({ ...base, ...fields }),
    };
  };
  return { ...logWith({}), lines };
}
