/** One line of a candle file to a row of values, or to the defect that keeps it out. */
import type { Amount, Instant, Price } from '@kairos/schema';
import { describe, parseInstant, parsePrice, parseVolume, ValueError } from '@kairos/schema';
import type { Defect, DefectKind } from './defects.js';
import { defectAt } from './defects.js';
import type { Line } from './lines.js';
import { LINE_LENGTH_MAX } from './lines.js';

export const COLUMNS = ['time', 'open', 'high', 'low', 'close', 'volume'] as const;
export const HEADER = COLUMNS.join(',');

/** A row whose values make sense by themselves. */
export interface Row {
  readonly line: number;
  readonly time: Instant;
  readonly open: Price;
  readonly high: Price;
  readonly low: Price;
  readonly close: Price;
  readonly volume: Amount;
}

export type RowResult = { readonly ok: true; readonly row: Row } | { readonly ok: false; readonly defect: Defect };

const NOT_TEXT = /[^\t\x20-\x7e]/;
const DIGIT = /^\d/;
const BLANK = /^\s*$/;
const EPOCH_TEXT = /^(\d{1,17})(?:\.0+)?$/;

/** Whether a line names the six columns in order, blanks, quotes and case aside. */
export const isHeader = (text: string): boolean => text.replace(/[\s"]/g, '').toLowerCase() === HEADER;

export function parseRow(line: Line): RowResult {
  const { number, text } = line;
  const notData = defectOfText(number, text);
  if (notData) return { ok: false, defect: notData };
  const fields = splitFields(text);
  if (fields.length !== COLUMNS.length) {
    const found = `${fields.length} in ${describe(text)}`;
    const kind = line.hasEnd || fields.length > COLUMNS.length ? 'FIELD_COUNT' : 'CUT_LINE';
    return { ok: false, defect: defectAt(number, kind, { expected: `${COLUMNS.length} fields`, found }) };
  }
  try {
    return checkRange(readFields(number, fields), text);
  } catch (error) {
    if (!(error instanceof FieldError)) throw error;
    return { ok: false, defect: defectAt(number, error.kind, error.what) };
  }
}

function defectOfText(number: number, text: string): Defect | null {
  const defect = (kind: DefectKind, expected: string) => defectAt(number, kind, { expected, found: describe(text) });
  if (text.length > LINE_LENGTH_MAX) return defect('LINE_TOO_LONG', `at most ${LINE_LENGTH_MAX} characters`);
  if (NOT_TEXT.test(text)) return defect('BROKEN_BYTES', 'plain text');
  if (DIGIT.test(text)) return null;
  if (BLANK.test(text)) return defect('BLANK_LINE', 'a row');
  const first = text.trimStart();
  if (first.startsWith('#') || first.startsWith('//')) return defect('COMMENT', 'a row');
  if (isHeader(text)) return defect('REPEATED_HEADER', 'a row');
  return null;
}

/** Fields without the blanks around them; a quoted field may hold commas. */
function splitFields(text: string): string[] {
  if (!text.includes('"')) return text.split(',').map((field) => field.trim());
  const fields = text.match(/(?:"[^"]*"|[^,])+|(?<=,|^)(?=,|$)/g) ?? [];
  return fields.map((field) => field.trim().replace(/^"([^"]*)"$/, '$1'));
}

/** A field that cannot be read. */
class FieldError extends Error {
  constructor(
    readonly kind: DefectKind,
    readonly what: { readonly expected: string; readonly found: string },
  ) {
    super(`expected ${what.expected}`);
  }
}

function readFields(line: number, fields: readonly string[]): Row {
  const price = (column: number): Price => readField('PRICE', column, fields, parsePrice);
  return {
    line,
    time: readField('TIME', 0, fields, parseTime),
    open: price(1),
    high: price(2),
    low: price(3),
    close: price(4),
    volume: readField('VOLUME', 5, fields, parseVolume),
  };
}

function readField<T>(kind: DefectKind, column: number, fields: readonly string[], parse: (text: string) => T): T {
  const text = fields[column]!;
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof ValueError)) throw error;
    throw new FieldError(kind, { expected: `${error.expected} as ${COLUMNS[column]}`, found: describe(text) });
  }
}

function parseTime(text: string): Instant {
  const epoch = EPOCH_TEXT.exec(text);
  return parseInstant(epoch ? Number(epoch[1]) : text);
}

function checkRange(row: Row, text: string): RowResult {
  const { open, high, low, close } = row;
  if (high >= open && high >= close && low <= open && low <= close) return { ok: true, row };
  const expected = high < low ? 'a high that is not below the low' : 'open and close that lie between low and high';
  return { ok: false, defect: defectAt(row.line, 'HIGH_LOW', { expected, found: describe(text) }) };
}
