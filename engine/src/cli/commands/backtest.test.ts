import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSeededRandom, createSimulatedClock, SAMPLE_TIME } from '@kairos/ports/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../main.js';

const CANDLES = 2_600;
const MINUTE = 60_000;

let folder: string;
let file: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'kairos-backtest-'));
  file = join(folder, 'btc.csv');
  writeFileSync(file, candles());
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A price that swings, so that there is something to learn. */
function candles(): string {
  const random = createSeededRandom(5);
  const closeOf = (row: number): number => 60_000 + 900 * Math.sin(row / 25) + 40 * random();
  const rows = Array.from({ length: CANDLES }, (_, row) => {
    const close = closeOf(row);
    return [SAMPLE_TIME + row * MINUTE, close, close + 5, close - 5, close, 3].map(String).join(',');
  });
  return ['time,open,high,low,close,volume', ...rows, ''].join('\n');
}

async function run(argv: readonly string[], env: Record<string, string> = {}) {
  const out: string[] = [];
  const err: string[] = [];
  const code = await runCli(['backtest', ...argv], {
    env,
    clock: createSimulatedClock(SAMPLE_TIME),
    out: (text) => void out.push(text),
    err: (text) => void err.push(text),
  });
  return { code, out: out.join(''), err: err.join('') };
}

interface Printed {
  readonly candles: number;
  readonly settings: Record<string, unknown>;
  readonly stats: Record<string, unknown> & { readonly trades: readonly unknown[] };
  readonly withSlippage: Record<string, unknown>;
}

describe('kairos backtest', { timeout: 60_000 }, () => {
  it('prints the figures of a run beside those with slippage', async () => {
    const { code, out } = await run([file, '--symbols', 'BTCUSDT']);
    expect(code).toBe(0);
    expect(out).toMatch(/^BTCUSDT 1m, traded from .* UTC with 5,000.00 USDT$/m);
    expect(out).toMatch(/^ +no slippage +0.05 % slippage$/m);
    expect(out).toMatch(/^final equity +[\d,]+\.\d\d +[\d,]+\.\d\d$/m);
  });

  it('prints one object with --json, with every trade, of the files and settings of the environment', async () => {
    const env = { FEED: `replay:${file}`, SYMBOLS: 'BTCUSDT', MIN_CONFIDENCE: '0.55', INITIAL_BALANCE: '1000' };
    const { code, out } = await run(['--json'], env);
    expect(code).toBe(0);
    const { candles: read, settings, stats, withSlippage } = JSON.parse(out) as Printed;
    expect(read).toBe(CANDLES);
    expect(settings).toMatchObject({ minConfidence: 0.55, slippage: '0' });
    expect(stats['initialBalance']).toBe('1000');
    expect(stats['closedTrades']).toBeGreaterThan(0);
    expect(stats.trades).toHaveLength(stats['closedTrades'] as number);
    expect(Number(withSlippage['equity'])).toBeLessThan(Number(stats['equity']));
  });

  it('takes settings of the account by name', async () => {
    const set = ['--set', 'stopLoss=0.02', '--set', 'maxDrawdown=off', '--set', 'minConfidence=0.6'];
    const { out } = await run([file, '--symbols', 'BTCUSDT', '--json', ...set]);
    const { settings } = JSON.parse(out) as Printed;
    expect(settings).toMatchObject({ stopLoss: '0.02', maxDrawdown: null, minConfidence: 0.6 });
  });

  it.each([
    ['no files', [], /expected candle files: kairos backtest <file>/],
    ['a file that is not there', ['missing.csv', '--symbols', 'BTCUSDT'], /missing\.csv: expected a readable CSV/],
    ['more symbols than files', ['missing.csv'], /expected one symbol per replay file \(1\), found 4/],
    ['a setting that nobody knows', ['x.csv', '--symbols', 'BTCUSDT', '--set', 'luck=1'], /names are minConfidence, /],
    ['a setting without a value', ['x.csv', '--symbols', 'BTCUSDT', '--set', 'stopLoss'], /expected <name>=<value>/],
    [
      'a setting with an empty value',
      ['x.csv', '--symbols', 'BTCUSDT', '--set', 'minConfidence='],
      /expected <name>=</,
    ],
    ['a setting with two values', ['x.csv', '--symbols', 'BTCUSDT', '--set', 'stopLoss=0.1=2'], /expected <name>=</],
    ['a setting out of its limits', ['x.csv', '--symbols', 'BTCUSDT', '--set', 'stopLoss=2'], /--set: stopLoss: /],
    ['a share out of its limits', ['x.csv', '--symbols', 'BTCUSDT', '--volume-share', '3'], /--volume-share: .* 3/],
    ['a share that is none', ['x.csv', '--symbols', 'BTCUSDT', '--volume-share', 'all'], /--volume-share: .* all/],
  ])('%s: exit 2 and one line that says what was expected', async (_name, argv, line) => {
    const { code, out, err } = await run(argv);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(line);
  });
});
