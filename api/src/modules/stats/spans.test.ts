/** Statistics from daily equity, of spans of time, and by group. */
import type { StoredEquityPoint } from '@kairos/ports';
import { samplePoint } from '@kairos/ports/testing';
import type { Instant, Money } from '@kairos/schema';
import { DAY_MS, equityPerformance, formatMoney, HOUR_MS, parseMoney } from '@kairos/schema';
import { describe, expect, it } from 'vitest';
import type { TradingFixture } from '../../../test/trading-fixture.js';
import { ADA, books, createTradingFixture, market, minutes } from '../../../test/trading-fixture.js';
import type { Closed } from './closed-trades.js';
import { TRADES_READ_MAX } from './closed-trades.js';
import { closedTradesAround, PAGES_READ_MAX, tradePages } from './trade-pages.js';

const days = (count: number): Instant => minutes(count * 1_440);
const iso = (time: number): string => new Date(time).toISOString();
const at = (day: number, equity: string): StoredEquityPoint => ({
  ...samplePoint('acc-1', 0, equity),
  time: days(day),
});

const GROWTH = `query($from: DateTime, $to: DateTime) { stats(from: $from, to: $to) {
  sharpeRatio sortinoRatio calmarRatio cagrPercent maxDrawdown maxDrawdownPercent longestDrawdownDays exposure
  closedTrades totalTrades feesPaid volume currentStreak
} }`;

const statsOf = async (world: TradingFixture, variables: Record<string, unknown> = {}) => {
  const { data, message } = await world.ask(ADA, GROWTH, variables);
  expect(message).toBeNull();
  return data['stats'] as unknown as Record<string, unknown>;
};

/** What the metrics say of a course of closing equities. */
const figuresOf = ([begin, initial]: readonly [number, string], points: readonly (readonly [number, string])[]) => {
  const fold = equityPerformance({ time: days(begin), equity: parseMoney(initial) });
  const samples = points.map(([day, equity]) => ({ time: days(day), equity: parseMoney(equity) }));
  return fold.result(samples.reduce(fold.add, fold.initial));
};

/** An account that bought at noon of the first day and holds on; now is noon of the fourth. */
async function createHolder() {
  const world = await createTradingFixture();
  const ada = books('acc-1', 'user-ada');
  const events = [ada.opens(), ada.buys('BTCUSDT', '100', days(0.5))];
  const equity = [at(0, '5000'), at(0.5, '4997.5'), at(1, '5100'), at(1.5, '5300'), at(2, '4900'), at(3, '5050')];
  const mark = ada.mark({ maxDrawdown: parseMoney('400'), maxDrawdownPercent: 7.5 });
  await world.commit({ events, marks: [mark], rows: { equity }, prices: [market('BTCUSDT', '103', days(3.5))], worldTime: days(3.5) }); // prettier-ignore
  await world.live.start();
  return { ...world, ada, [Symbol.asyncDispose]: world[Symbol.asyncDispose] };
}

describe('growth', () => {
  it('follows from the closing equity of each day, open positions included, up to this moment', async () => {
    await using world = await createHolder();
    const { data } = await world.ask(ADA, '{ stats { equity } }');
    const now = String(data['stats']?.['equity']);
    const expected = figuresOf([0, '5000'], [[1, '5100'], [2, '4900'], [3, '5050'], [3.5, now]]); // prettier-ignore
    expect(expected.sharpeRatio).not.toBeNull();
    expect(await statsOf(world)).toMatchObject({ ...expected, calmarRatio: expected.cagrPercent! / 7.5 });
  });

  it('of a span begins with the equity before it and ends where it ends', async () => {
    await using world = await createHolder();
    const whole = await statsOf(world, { from: iso(days(1)), to: iso(days(3)) });
    expect(whole).toMatchObject(figuresOf([1, '5100'], [[2, '4900'], [3, '5050']])); // prettier-ignore
    expect(whole['maxDrawdown']).toBe('400');
    const cut = await statsOf(world, { from: iso(days(1.25)), to: iso(days(2.5)) });
    expect(cut).toMatchObject(figuresOf([1.25, '5100'], [[2, '4900'], [2.5, '4900']])); // prettier-ignore
    expect(cut['cagrPercent']).toBeLessThan(0);
    const short = await statsOf(world, { from: iso(days(1)), to: iso(days(1.75)) });
    expect(short).toMatchObject({ sharpeRatio: null, cagrPercent: null, longestDrawdownDays: 0 });
  });

  it('of a span that reaches to the present ends in the equity of this moment', async () => {
    await using world = await createHolder();
    const { data } = await world.ask(ADA, '{ stats { equity } }');
    const now = String(data['stats']?.['equity']);
    const expected = figuresOf([2, '4900'], [[3, '5050'], [3.5, now]]); // prettier-ignore
    expect(await statsOf(world, { from: iso(days(2)) })).toMatchObject(expected);
  });

  it('takes in new days without reading the old ones again', async () => {
    await using world = await createHolder();
    const asked: (number | undefined)[] = [];
    const read = world.store.readModels.closingEquity;
    Object.assign(world.store.readModels, {
      closingEquity: (query: Parameters<typeof read>[0]) => (asked.push(query.after), read(query)),
    });
    await statsOf(world);
    await world.commit({ rows: { equity: [at(4, '5000'), at(4.5, '5100')] }, worldTime: days(4.5) });
    await world.clock.advance(100);
    const { data } = await world.ask(ADA, '{ stats { equity } }');
    const now = String(data['stats']?.['equity']);
    const all = [[1, '5100'], [2, '4900'], [3, '5050'], [4, '5000'], [4.5, now]] as const; // prettier-ignore
    expect(await statsOf(world)).toMatchObject(figuresOf([0, '5000'], all));
    expect(asked).toEqual([days(0), days(2), days(4)]);
  });

  it('is unknown on the first day', async () => {
    await using world = await createTradingFixture();
    const ada = books('acc-1', 'user-ada');
    await world.commit({ events: [ada.opens()], marks: [ada.mark()], rows: { equity: [at(0, '5000')] } });
    expect(await statsOf(world)).toMatchObject({ sharpeRatio: null, sortinoRatio: null, calmarRatio: null, cagrPercent: null }); // prettier-ignore
  });
});

describe('a span', () => {
  it('counts open positions to its exposure, though entered before it, and trades closed after it', async () => {
    await using world = await createTradingFixture();
    const ada = books('acc-1', 'user-ada');
    const events = [
      ada.opens(),
      ada.buys('BTCUSDT', '100', days(1)),
      ada.sells('BTCUSDT', '110', days(3)),
      ada.buys('ETHUSDT', '100', days(5)),
    ];
    await world.commit({ events, marks: [ada.mark()], worldTime: days(10) });
    await world.live.start();
    const exposure = async (from: number, to: number) =>
      (await statsOf(world, { from: iso(days(from)), to: iso(days(to)) }))['exposure'];
    expect(await exposure(2, 4)).toBe(0.5);
    expect(await exposure(0, 2)).toBe(0.5);
    expect(await exposure(6, 8)).toBe(1);
    expect(await exposure(3, 5)).toBe(0);
    expect(await exposure(8, 20)).toBe(1);
    expect((await statsOf(world))['exposure']).toBe(0.7);
  });

  it('counts fees and volume of what was closed in it and what is open', async () => {
    await using world = await createTradingFixture();
    const ada = books('acc-1', 'user-ada');
    const first = [ada.opens(), ada.buys('BTCUSDT', '100', days(1)), ada.sells('BTCUSDT', '110', days(3))];
    const closed = first[2]!.trade!;
    const opened = ada.buys('ETHUSDT', '100', days(5));
    await world.commit({ events: [...first, opened], marks: [ada.mark()], worldTime: days(6) });
    const open = opened.trade!;
    const sum = (...parts: (Money | null)[]) => formatMoney(parts.reduce<bigint>((a, b) => a + (b ?? 0n), 0n) as Money);
    const ofClosed = { volume: sum(closed.cost, closed.revenue), feesPaid: sum(closed.entryFee, closed.exitFee) };
    expect(await statsOf(world, { to: iso(days(4)) })).toMatchObject(ofClosed);
    expect(await statsOf(world)).toMatchObject({
      volume: sum(closed.cost, closed.revenue, open.cost),
      feesPaid: sum(closed.entryFee, closed.exitFee, open.entryFee),
      currentStreak: 1,
    });
  });
});

describe('performance', () => {
  const GROUPS =
    'query($by: GroupBy!, $from: DateTime) { performance(by: $by, from: $from) { group closedTrades wins losses realizedPnl winRate profitFactor } }';

  async function createTraded() {
    const world = await createTradingFixture();
    const ada = books('acc-1', 'user-ada');
    const events = [ada.opens()];
    for (const [symbol, day, exit] of [
      ['BTCUSDT', 1, '110'],
      ['ETHUSDT', 2, '90'],
      ['BTCUSDT', 32, '120'],
    ] as const) {
      events.push(ada.buys(symbol, '100', days(day)), ada.sells(symbol, exit, days(day + 0.5)));
    }
    await world.commit({ events, marks: [ada.mark()], worldTime: days(40) });
    return { ...world, events, [Symbol.asyncDispose]: world[Symbol.asyncDispose] };
  }

  it.each([
    ['SYMBOL', ['BTCUSDT', 'ETHUSDT'], [2, 1]],
    ['EXIT_REASON', ['SIGNAL'], [3]],
    ['MONTH', ['2026-01', '2026-02'], [2, 1]],
    ['WEEK', ['2025-12-29', '2026-02-02'], [2, 1]],
  ])('by %s', async (by, groups, counts) => {
    await using world = await createTraded();
    const { data } = await world.ask(ADA, GROUPS, { by });
    const rows = data['performance'] as unknown as { group: string; closedTrades: number; realizedPnl: string }[];
    expect(rows.map(({ group }) => group)).toEqual(groups);
    expect(rows.map(({ closedTrades }) => closedTrades)).toEqual(counts);
    const { data: whole } = await world.ask(ADA, '{ stats { realizedPnl } }');
    const sum = rows.reduce<bigint>((total, { realizedPnl }) => total + parseMoney(realizedPnl), 0n);
    expect(formatMoney(sum as Money)).toBe(whole['stats']?.['realizedPnl']);
  });

  it('of a span counts what was closed in it', async () => {
    await using world = await createTraded();
    const { data } = await world.ask(ADA, GROUPS, { by: 'SYMBOL', from: iso(days(2.5)) });
    expect(data['performance']).toMatchObject([
      { group: 'BTCUSDT', closedTrades: 1, wins: 1, losses: 0, winRate: 1, profitFactor: null },
      { group: 'ETHUSDT', closedTrades: 1, wins: 0, losses: 1, winRate: 0, profitFactor: 0 },
    ]);
  });
});

describe('pages of closed trades', () => {
  const trade = (seq: number, entry: number, exit: number) =>
    ({ seq, status: 'CLOSED', pnl: 0n, revenue: 0n, exitFee: 0n, entryTime: minutes(entry), exitTime: minutes(exit) }) as unknown as Closed; // prettier-ignore
  const trades = Array.from({ length: 3 * TRADES_READ_MAX + 5 }, (_, n) => trade(2 * n + 1, 2 * n, 2 * n + 1));
  const pagesOf = (all: readonly Closed[]) => tradePages.result(all.reduce(tradePages.add, tradePages.initial));
  const readFrom = (all: readonly Closed[]) => {
    const asked: number[] = [];
    const closedTrades = async (_: string, afterSeq: number, limit: number) => {
      asked.push(afterSeq);
      return all.filter(({ seq }) => seq > afterSeq).slice(0, limit);
    };
    return { asked, closedTrades };
  };
  const around = async (all: readonly Closed[], from: number | null, to: number | null) => {
    const reader = readFrom(all);
    const span = { from: from === null ? null : minutes(from), to: to === null ? null : minutes(to) };
    const found: Closed[] = [];
    for await (const one of closedTradesAround(reader, { accountId: 'acc-1', pages: pagesOf(all) }, span)) found.push(one); // prettier-ignore
    return { asked: reader.asked, found };
  };

  it('are read whole for everything, and one alone for what stands on one', async () => {
    expect((await around(trades, null, null)).found).toEqual(trades);
    const { asked, found } = await around(trades, 2_500, 2_600);
    expect(asked).toEqual([trades[TRADES_READ_MAX - 1]!.seq]);
    expect(found.filter(({ exitTime }) => exitTime >= minutes(2_500) && exitTime <= minutes(2_600))).toHaveLength(50);
  });

  it('are found by entry too: one that is held for long reaches over all of them', async () => {
    const held = trade(trades.at(-1)!.seq + 1, 0, 99_999);
    const { found } = await around([...trades, held], 10, 11);
    expect(found.at(-1)).toEqual(held);
    expect(found).toHaveLength(TRADES_READ_MAX + 6);
  });

  it('are refused by name when a span holds too many of them', async () => {
    const many = Array.from({ length: PAGES_READ_MAX + 1 }, (_, n) => ({ afterSeq: n, count: TRADES_READ_MAX, from: minutes(0), to: (minutes(0) + HOUR_MS + n * DAY_MS) as Instant })); // prettier-ignore
    const reading = closedTradesAround(
      readFrom([]),
      { accountId: 'acc-1', pages: many },
      { from: minutes(0), to: null },
    );
    await expect(reading.next()).rejects.toThrow('expected a span with at most 100000 closed trades, found 101000');
  });
});
