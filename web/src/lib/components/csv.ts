/** Trades as CSV (RFC 4180) with exact figures. Cells that a spreadsheet would take for a formula are quoted as text. */
import type { Trade } from '../api/fragments.js';

const COLUMNS = [
  'id',
  'symbol',
  'action',
  'status',
  'entryTime',
  'entryPrice',
  'amount',
  'cost',
  'entryFee',
  'exitTime',
  'exitPrice',
  'revenue',
  'exitFee',
  'exitReason',
  'pnl',
  'pnlPercent',
  'confidence',
] as const satisfies readonly (keyof Trade)[];

const NUMBER = /^-?\d+(\.\d+)?$/;

function cell(value: string | number | null): string {
  const text = String(value ?? '');
  const safe = /^[=+\-@\t\r]/.test(text) && !NUMBER.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** One line per trade under a line of names. */
export const tradesCsv = (trades: readonly Trade[]): string =>
  [COLUMNS.join(','), ...trades.map((trade) => COLUMNS.map((column) => cell(trade[column])).join(','))].join('\r\n') +
  '\r\n';

/** Hands a text to the browser as a file. */
export function download(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/csv;charset=utf-8' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
