import { samplePoint } from '@kairos/ports/testing';
import type { StoredEquityPoint } from '@kairos/ports';
import type { Money } from '@kairos/schema';
import { parseMoney, tradePerformance } from '@kairos/schema';
import { describe, expect, it } from 'vitest';
import { ADA, books, createTradingFixture, minutes } from '../../../test/trading-fixture.js';
import { TRADES_READ_MAX } from './closed-trades.js';
import { createFoldCache } from './fold-cache.js';

const STATS = `query($from: DateTime, $to: DateTime) { stats(from: $from, to: $to) {
  totalTrades openTrades closedTrades wins losses winRate realizedPnl feesPaid averageWin averageLoss payoffRatio profitFactor
  rating expectancy maxDrawdown maxDrawdownPercent bestTrade { pnl } worstTrade { pnl } averageHoldingSeconds
  longestWinStreak longestLossStreak sharpeRatio sqn pValue exposure
} }`;

const point = (at: number, equity: string): StoredEquityPoint => ({
  ...samplePoint('acc-1', 0, equity),
  time: minutes(at),
});

/** Won at minutes 1 to 2 and 3 to 4, lost at 5 to 6, open since 7. */
async function createWorld() {
  const world = await createTradingFixture();
  const ada = books('acc-1', 'user-ada');
  const events = [ada.opens()];
  for (const [at, exit] of [
    [1, '110'],
    [3, '120'],
    [5, '90'],
  ] as const) {
    events.push(ada.buys('BTCUSDT', '100', minutes(at)), ada.sells('BTCUSDT', exit, minutes(at + 1)));
  }
  events.push(ada.buys('BTCUSDT', '100', minutes(7)));
  const mark = ada.mark({ maxDrawdown: parseMoney('300'), maxDrawdownPercent: 5.5 });
  const equity = [point(0, '5000'), point(2, '5250'), point(4, '5750'), point(6, '5450'), point(7, '5447.5')];
  await world.commit({ events, marks: [mark], rows: { equity }, worldTime: minutes(8) });
  await world.live.start();
  return { ...world, ada, [Symbol.asyncDispose]: world[Symbol.asyncDispose] };
}

describe('statistics', () => {
  it('of an account without trades are zero or unknown, never infinite', async () => {
    await using world = await createTradingFixture();
    const ada = books('acc-1', 'user-ada');
    await world.commit({ events: [ada.opens()], marks: [ada.mark()] });
    const { data, code } = await world.ask(ADA, STATS);
    expect(code).toBeNull();
    expect(data['stats']).toMatchObject({
      totalTrades: 0,
      winRate: null,
      realizedPnl: '0',
      averageWin: null,
      averageLoss: null,
      payoffRatio: null,
      profitFactor: null,
      rating: 'UNRATED',
      expectancy: null,
      maxDrawdown: '0',
      bestTrade: null,
      averageHoldingSeconds: null,
      exposure: null,
    });
  });

  it('follow from every trade', async () => {
    await using world = await createWorld();
    const { data } = await world.ask(ADA, STATS);
    const stats = data['stats'] as unknown as Record<string, unknown>;
    expect(stats).toMatchObject({
      totalTrades: 4,
      openTrades: 1,
      closedTrades: 3,
      wins: 2,
      losses: 1,
      winRate: 2 / 3,
      rating: 'EXCELLENT',
      maxDrawdown: '300',
      maxDrawdownPercent: 5.5,
      averageHoldingSeconds: 60,
      longestWinStreak: 2,
      longestLossStreak: 1,
      sharpeRatio: null,
      pValue: null,
    });
    expect(stats['exposure']).toBeCloseTo(4 / 8, 10);
    expect(stats['feesPaid']).toBe(exact(world.ada.account().feesPaid));
    expect(stats['realizedPnl']).toBe(exact(world.ada.account().realizedPnl));
  });

  it('of a span count what was closed in it, and its falls from the peak before', async () => {
    await using world = await createWorld();
    const span = { from: '2026-01-01T00:05:30.000Z', to: '2026-01-01T00:06:30.000Z' };
    const { data } = await world.ask(ADA, STATS, span);
    expect(data['stats']).toMatchObject({
      totalTrades: 1,
      openTrades: 0,
      closedTrades: 1,
      wins: 0,
      losses: 1,
      winRate: 0,
      profitFactor: 0,
      rating: 'LOSING',
      maxDrawdown: '300',
    });
    expect(data['stats']?.['maxDrawdownPercent']).toBeCloseTo((300 / 5750) * 100, 10);
  });

  it('take in new trades without reading the old ones again', async () => {
    await using world = await createWorld();
    const asked: number[] = [];
    const read = world.store.readModels.closedTrades;
    Object.assign(world.store.readModels, {
      closedTrades: (...args: Parameters<typeof read>) => (asked.push(args[1]), read(...args)),
    });
    await world.ask(ADA, STATS);
    await world.commit({ events: [world.ada.sells('BTCUSDT', '130', minutes(8))] });
    const answers = await Promise.all([world.ask(ADA, STATS), world.ask(ADA, STATS)]);
    for (const { data } of answers) expect(data['stats']).toMatchObject({ closedTrades: 4, wins: 3 });
    expect(asked).toEqual([0, 7, 9]);
  });

  it('leave out what is closed while they are made, so that they agree with the account beside them', async () => {
    await using world = await createWorld();
    const AGREE =
      '{ account { balance initialBalance } stats { balance realizedPnl closedTrades totalTrades feesPaid } }';
    const before = await world.ask(ADA, AGREE);
    const { readModels } = world.store;
    const read = readModels.closedTrades;
    let isFirst = true;
    Object.assign(readModels, {
      async closedTrades(...args: Parameters<typeof read>) {
        if (isFirst) await world.commit({ events: [world.ada.sells('BTCUSDT', '130', minutes(8))] });
        isFirst = false;
        return read(...args);
      },
    });
    expect(await world.ask(ADA, AGREE)).toEqual(before);
    const after = await world.ask(ADA, AGREE);
    expect(after.data['stats']).toMatchObject({ closedTrades: 4, totalTrades: 4 });
  });

  it('of an event that others have gone past already are still its own', async () => {
    const ada = books('acc-1', 'user-ada');
    const trades = [1, 2, 3].map((at) => {
      ada.buys('BTCUSDT', '100', minutes(at));
      return ada.sells('BTCUSDT', '101', minutes(at)).trade!;
    });
    const cache = createFoldCache(
      {
        closedTrades: async (_accountId, afterSeq, limit) => trades.filter(({ seq }) => seq > afterSeq).slice(0, limit),
      },
      tradePerformance(),
    );
    const closedBy = async (seq: number) => (await cache.of('acc-1', seq)).closedTrades;
    const [first, second, third] = trades.map(({ seq }) => seq) as [number, number, number];
    expect(await Promise.all([closedBy(third), closedBy(second), closedBy(first - 1), closedBy(third)])).toEqual([
      3, 2, 0, 3,
    ]);
  });

  it('fold the pages of a long life once each, and go on after a failed reading', async () => {
    const ada = books('acc-1', 'user-ada');
    const trades = Array.from({ length: TRADES_READ_MAX + 1 }, (_, index) => {
      ada.buys('BTCUSDT', '100', minutes(index));
      return ada.sells('BTCUSDT', '101', minutes(index)).trade!;
    });
    let fails = true;
    const cache = createFoldCache(
      {
        async closedTrades(_accountId, afterSeq, limit) {
          if (fails) throw new Error('down');
          return trades.filter((trade) => trade.seq > afterSeq).slice(0, limit);
        },
      },
      tradePerformance(),
    );
    const seq = trades.at(-1)!.seq;
    await expect(cache.of('acc-1', seq)).rejects.toThrow('down');
    fails = false;
    const [first, second] = await Promise.all([cache.of('acc-1', seq), cache.of('acc-1', seq)]);
    expect([first.closedTrades, second.closedTrades]).toEqual([TRADES_READ_MAX + 1, TRADES_READ_MAX + 1]);
    expect(first.realizedPnl).toBe(ada.account().realizedPnl);
  });
});

describe('the equity curve', () => {
  const CURVE =
    'query($from: DateTime, $max: Int) { equityCurve(from: $from, maxPoints: $max) { time equity drawdownPercent } }';

  it('falls from the peak so far, also where it is looked at from later on', async () => {
    await using world = await createWorld();
    const drawdowns = async (from: string | null) => {
      const { data } = await world.ask(ADA, CURVE, { from });
      return (data['equityCurve'] as unknown as { drawdownPercent: number }[]).map((row) => row.drawdownPercent);
    };
    const fall = (equity: number) => expect.closeTo(((5750 - equity) / 5750) * 100, 10) as number;
    expect(await drawdowns(null)).toEqual([0, 0, 0, fall(5450), fall(5447.5)]);
    expect(await drawdowns('2026-01-01T00:05:00.000Z')).toEqual([fall(5450), fall(5447.5)]);
  });

  it('is thinned to what was asked for, ends included', async () => {
    await using world = await createWorld();
    const { data } = await world.ask(ADA, CURVE, { max: 2 });
    expect(data['equityCurve']).toMatchObject([{ equity: '5000' }, { equity: '5447.5' }]);
  });
});

function exact(money: Money): string {
  const digits = (money < 0n ? -money : money).toString().padStart(9, '0');
  const fraction = digits.slice(-8).replace(/0+$/, '');
  return `${money < 0n ? '-' : ''}${digits.slice(0, -8)}${fraction === '' ? '' : `.${fraction}`}`;
}
