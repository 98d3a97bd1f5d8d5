/** What can be wrong with a line of a candle file, and how it is told. */
/** Why a line was left out. */
export const DEFECT_KINDS = [
  'BLANK_LINE',
  'COMMENT',
  'REPEATED_HEADER',
  'BROKEN_BYTES',
  'LINE_TOO_LONG',
  'CUT_LINE',
  'FIELD_COUNT',
  'TIME',
  'OFF_GRID',
  'PRICE',
  'VOLUME',
  'HIGH_LOW',
  'DUPLICATE',
  'OUT_OF_ORDER',
  'FAR_AHEAD',
  'BROKEN_ARCHIVE',
] as const;
export type DefectKind = (typeof DEFECT_KINDS)[number];

/** A line that was left out. */
export interface Defect {
  /** Counted from 1, the header included. */
  readonly line: number;
  readonly kind: DefectKind;
  readonly expected: string;
  /** What stands there instead, in words. */
  readonly found: string;
  readonly advice: string;
}

/** Something worth knowing about a line that was kept. */
export interface Note {
  readonly line: number;
  /** SPIKE and NO_LINE_END are warnings; a GAP is left as it is. */
  readonly kind: 'GAP' | 'SPIKE' | 'NO_LINE_END';
  readonly text: string;
  /** Candles that are missing before this line; 0 unless it is a gap. */
  readonly missing: number;
}

/** Told of everything that a reader finds, in the order of the file. */
export interface DefectListener {
  defect(defect: Defect): void;
  note(note: Note): void;
}

const ADVICE: Record<DefectKind, string> = {
  BLANK_LINE: 'delete the line',
  COMMENT: 'delete the line: candle files have no comments',
  REPEATED_HEADER: 'delete the line: files may have been joined',
  BROKEN_BYTES: 'export the file again as plain text',
  LINE_TOO_LONG: 'export the file again: a line end may be missing',
  CUT_LINE: 'the file was cut: fetch it again',
  FIELD_COUNT: 'write time,open,high,low,close,volume and nothing else',
  TIME: 'write the open time as epoch milliseconds or ISO 8601',
  OFF_GRID: "write the candle's open time, a whole multiple of the interval",
  PRICE: 'write a plain decimal number above 0 with a point, without thousands separators',
  VOLUME: 'write a plain decimal number of 0 or more with a point, without thousands separators',
  HIGH_LOW: 'fetch the candle again: high must be the highest and low the lowest of the four prices',
  DUPLICATE: 'keep one line per open time',
  OUT_OF_ORDER: 'sort the file by time',
  FAR_AHEAD: 'correct the time, or delete the line',
  BROKEN_ARCHIVE: 'fetch the file again: what could be unpacked is kept',
};

/** A defect with the advice of its kind. */
export const defectAt = (line: number, kind: DefectKind, what: { expected: string; found: string }): Defect => ({
  line,
  kind,
  ...what,
  advice: ADVICE[kind],
});

/** One line for people. */
export const defectText = (defect: Defect): string =>
  `expected ${defect.expected}, found ${defect.found}; ${defect.advice}`;
