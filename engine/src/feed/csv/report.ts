/** Tells the log what is wrong with a file: line by line up to a limit, then by count, and a summary at the end. */
import type { Log } from '@kairos/ports';
import type { DefectKind, DefectListener, Note } from './defects.js';
import { defectText } from './defects.js';

/** Bad lines of one file that are told one by one. */
export const DEFECTS_TOLD_MAX = 200;
/** Gaps and warnings of one file that are told one by one. */
export const NOTES_TOLD_MAX = 50;

/** What became of a file's lines. */
export interface FileSummary {
  readonly rows: number;
  readonly rejected: Readonly<Partial<Record<DefectKind, number>>>;
  readonly rejectedTotal: number;
  /** Places where candles are missing, and how many. */
  readonly gaps: number;
  readonly missing: number;
  readonly warnings: number;
}

export interface FileReport extends DefectListener {
  /** Counts candles that were kept. */
  kept(count: number): void;
  summary(): FileSummary;
  /** Says the summary once the file has been read. */
  finish(): void;
}

export function createFileReport(log: Log, file: string): FileReport {
  const rejected: Partial<Record<DefectKind, number>> = {};
  let rows = 0;
  let rejectedTotal = 0;
  let gaps = 0;
  let missing = 0;
  let warnings = 0;
  const summary = (): FileSummary => ({ rows, rejected: { ...rejected }, rejectedTotal, gaps, missing, warnings });
  return {
    defect(defect) {
      rejected[defect.kind] = (rejected[defect.kind] ?? 0) + 1;
      rejectedTotal++;
      if (rejectedTotal <= DEFECTS_TOLD_MAX) {
        log.warn({ file, ...defect }, `${file} line ${defect.line} left out: ${defectText(defect)}`);
      }
      if (rejectedTotal === DEFECTS_TOLD_MAX) log.warn({ file }, `${file}: further bad lines are only counted`);
    },
    note(note) {
      if (note.kind === 'GAP') gaps++;
      else warnings++;
      missing += note.missing;
      if (gaps + warnings <= NOTES_TOLD_MAX) tellNote(log, file, note);
    },
    kept(count) {
      rows += count;
    },
    summary,
    finish() {
      const level = rejectedTotal > 0 ? 'warn' : 'info';
      log[level]({ file, ...summary() }, `${file} has been read: ${summaryText(summary())}`);
    },
  };
}

function tellNote(log: Log, file: string, note: Note): void {
  const message = `${file} line ${note.line}: ${note.text}`;
  if (note.kind === 'GAP') log.info({ file, ...note }, message);
  else log.warn({ file, ...note }, message);
}

/** One line for people. */
export function summaryText(summary: FileSummary): string {
  const kinds = Object.entries(summary.rejected).map(([kind, count]) => `${kind} ${count}`);
  const rejected = kinds.length === 0 ? 'none left out' : `${summary.rejectedTotal} left out (${kinds.join(', ')})`;
  return `${summary.rows} candles, ${rejected}, ${summary.gaps} gaps (${summary.missing} missing)`;
}
