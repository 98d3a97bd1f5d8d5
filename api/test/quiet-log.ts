import type { Log } from '@kairos/ports';

/** A log that keeps its lines for a test to look through. */
export interface RecordedLog extends Log {
  readonly lines: string[];
}

export function createRecordedLog(): RecordedLog {
  const lines: string[] = [];
  const write = (fields: object, message: string) => void lines.push(JSON.stringify({ ...fields, message }));
  const log: RecordedLog = { lines, debug: write, info: write, warn: write, error: write, child: () => log };
  return log;
}
