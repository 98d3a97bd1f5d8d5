import type { DenialReason, Instant, MarketCandle, SettingsPatch, Signal, SignalAction } from '@kairos/schema';
import { formatMoney, parseMoney, parsePrice, parseRate, withSettings } from '@kairos/schema';
import { describe, expect, it } from 'vitest';
import type { TradingRules } from '../../core/rules.js';
import { priceInput, RULES, START } from '../../core/scenario.fixture.js';
import type { BacktestRound } from './backtest.js';
import { runBacktest } from './backtest.js';

const MINUTE = 60_000;
const at = (minute: number): Instant => (START + minute * MINUTE) as Instant;

const candleOf = (minute: number, price: string, symbol: string): MarketCandle =>
  priceInput(price, { now: at(minute), symbol }).candle;

const signalOf = (minute: number, action: SignalAction, price: string, confidence = 0.8): Signal => ({
  id: `signal-${minute}`,
  symbol: 'BTCUSDT',
  action,
  confidence,
  price: parsePrice(price),
  time: at(minute),
  source: 'kairos-predictor',
  horizonSeconds: null,
  votes: null,
});

/** A minute: a price, and what the predictor makes of it. */
type Minute = readonly [price: string, action: SignalAction, confidence?: number];

const roundsOf = (minutes: readonly Minute[], trainingMinutes = 1): BacktestRound[] =>
  minutes.map(([price, action, confidence], minute) => ({
    candles: [candleOf(minute, price, 'BTCUSDT')],
    signals: [signalOf(minute, action, price, confidence)],
    isTraining: minute < trainingMinutes,
  }));

const run = (rounds: readonly BacktestRound[], settings: SettingsPatch = {}, rules: Partial<TradingRules> = {}) =>
  runBacktest(rounds, {
    rules: { ...RULES, defaultSettings: withSettings(RULES.defaultSettings, settings), ...rules },
    initialBalance: parseMoney('5000'),
    instruments: [],
  });

const ROUND_TRIP: readonly Minute[] = [
  ['68000', 'HOLD', 0],
  ['68234', 'BUY'],
  ['68891', 'SELL'],
];

describe('a backtest', () => {
  it('comes to the worked figures of the contract, to the last digit', async () => {
    const { stats, candles, from, to } = await run(roundsOf(ROUND_TRIP));
    expect({ candles, from, to }).toEqual({ candles: 3, from: at(0), to: at(2) });
    expect(formatMoney(stats.equity)).toBe('5019.04750256');
    expect(stats.trades.map(({ pnl, exitReason }) => [formatMoney(pnl), exitReason])).toEqual([
      ['19.04750256', 'SIGNAL'],
    ]);
    expect(stats).toMatchObject({ closedTrades: 1, wins: 1, losses: 0, openTrades: [], exposure: 0.5 });
  });

  it('stands beside the same run with a slippage of 5 basis points, whatever its own', async () => {
    const slipped = await run(roundsOf(ROUND_TRIP), { slippage: parseRate('0.0005') });
    for (const slippage of ['0', '0.0005', '0.002']) {
      const { stats, withSlippage } = await run(roundsOf(ROUND_TRIP), { slippage: parseRate(slippage) });
      expect(withSlippage.account.settings.slippage).toBe(parseRate('0.0005'));
      expect(withSlippage.equity).toBe(slipped.stats.equity);
      expect(stats.equity === withSlippage.equity).toBe(slippage === '0.0005');
    }
    // 0.03662031 at 68268.117, sold at 68856.5545.
    expect(formatMoney(slipped.stats.equity)).toBe('5016.52721567');
  });

  it('trades nothing while candles are only trained on, and begins its account after them', async () => {
    const { stats, from } = await run(roundsOf([['68000', 'BUY'], ...ROUND_TRIP], 2));
    expect(from).toBe(at(1));
    expect(stats.account).toMatchObject({ initialBalance: parseMoney('5000'), closedTrades: 1 });
    expect(stats.trades[0]?.entryTime).toBe(at(2));
  });

  it('counts what was denied by its reason', async () => {
    const { stats } = await run(roundsOf([['68000', 'HOLD'], ['68000', 'SELL'], ['68000', 'BUY', 0.5], ...ROUND_TRIP]));
    const denied: [DenialReason, number][] = [
      ['NO_POSITION', 1],
      ['LOW_CONFIDENCE', 1],
    ];
    expect([...stats.denials]).toEqual(denied);
  });

  it('obeys stop levels, and values what is open at the end', async () => {
    const minutes: readonly Minute[] = [
      ['68000', 'HOLD'],
      ['68000', 'BUY'],
      ['60000', 'HOLD'],
      ['60000', 'BUY'],
      ['61000', 'HOLD'],
    ];
    const { stats } = await run(roundsOf(minutes), { stopLoss: parseRate('0.05') });
    expect(stats.trades.map(({ exitReason }) => exitReason)).toEqual(['STOP_LOSS']);
    expect(stats.openTrades).toHaveLength(1);
    expect(stats.equity).toBeGreaterThan(stats.account.balance);
    expect(stats.maxDrawdownPercent).toBeGreaterThan(5);
  });

  it('fills entries up to a share of the volume where it is asked to', async () => {
    const fillModel = { volumeShare: parseRate('0.01'), refusalOf: () => null };
    const { stats } = await run(roundsOf(ROUND_TRIP), {}, { fillModel });
    // Candles of this test have a volume of 1.
    expect(stats.trades[0]?.amount).toBe(1_000_000n);
  });

  it('says what holding would have come to, over all symbols that had a price at the beginning', async () => {
    const rounds = roundsOf(ROUND_TRIP).map((round, minute) => ({
      ...round,
      candles: [...round.candles, candleOf(minute, minute === 0 ? '2000' : '1000', 'ETHUSDT')],
    }));
    const { benchmarkReturnPercent } = await run(rounds);
    expect(benchmarkReturnPercent).toBeCloseTo(((68_891 / 68_000 - 1) * 100 - 50) / 2, 10);
  });

  it.each([
    ['no candle at all', []],
    ['candles that are all only trained on', roundsOf(ROUND_TRIP, 9)],
  ])('of %s is refused', async (_name, rounds) => {
    await expect(run(rounds)).rejects.toThrow(/expected candles to trade/);
  });
});
