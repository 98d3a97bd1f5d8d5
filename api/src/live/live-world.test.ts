import { sampleCandle, sampleSignal } from '@kairos/ports/testing';
import type { HealthReport, Instant, MarketCandle } from '@kairos/schema';
import { addMs, encodeHealth, encodeMarketData, encodeSignal, parsePrice, TOPICS } from '@kairos/schema';
import { describe, expect, it } from 'vitest';
import type { FixtureOptions, TradingFixture } from '../../test/trading-fixture.js';
import { ADA, books, createTradingFixture, market, minutes, START, take } from '../../test/trading-fixture.js';

const PNL = `subscription { livePnl {
  seq cash equity balance unrealizedPnl openEntryFees todayPnl dayOpeningEquity priceAgeMs status time sentAt
  positions { currentPrice } entryBlocks { symbol reason until }
} }`;

/** An account with an open position of BTCUSDT, entered at 68,234. */
async function createWorld(options: FixtureOptions = {}) {
  const world = await createTradingFixture(options);
  const ada = books('acc-1', 'user-ada');
  const events = [ada.opens(), ada.buys('BTCUSDT', '68234', minutes(1))];
  await world.commit({
    events,
    marks: [ada.mark()],
    prices: [market('BTCUSDT', '68234', minutes(1))],
    worldTime: minutes(1),
  });
  await world.live.start();
  return { ...world, ada, [Symbol.asyncDispose]: world[Symbol.asyncDispose] };
}

async function open(world: Pick<TradingFixture, 'subscribe'>, source: string) {
  const { stream, code } = await world.subscribe(ADA, source);
  if (!stream) throw new Error(`refused: ${String(code)}`);
  return stream;
}

const tell = (world: Pick<TradingFixture, 'trader'>, candle: Partial<MarketCandle>) =>
  world.trader.bus.publish(TOPICS.marketData, [
    { key: 'BTCUSDT', value: encodeMarketData({ kind: 'candle', candle: sampleCandle(candle) }) },
  ]);

describe('livePnl', () => {
  it('says the figures at once', async () => {
    await using world = await createWorld();
    const [first] = await take(await open(world, PNL), 1);
    expect(first).toMatchObject({
      seq: 2,
      cash: '2497.50040332',
      balance: '5000',
      unrealizedPnl: '0',
      openEntryFees: '2.4999996',
      equity: '4997.5000004',
      todayPnl: '-2.4999996',
      time: '2026-01-01T00:01:00.000Z',
      priceAgeMs: 0,
      entryBlocks: [{ symbol: 'BTCUSDT', reason: 'ALREADY_IN_POSITION', until: null }],
    });
  });

  it('follows committed prices, and says the same at least every 2 s', async () => {
    await using world = await createWorld();
    const stream = await open(world, PNL);
    await take(stream, 1);
    await world.commit({ prices: [market('BTCUSDT', '68891', minutes(2))], worldTime: minutes(2) });
    await world.clock.advance(100);
    const [changed] = await take(stream, 1);
    expect(changed).toMatchObject({ equity: '5021.57157374', positions: [{ currentPrice: '68891' }] });
    await world.clock.advance(2_000);
    const [repeated] = await take(stream, 1);
    expect(repeated).toMatchObject({ equity: '5021.57157374', priceAgeMs: 2_000 });
  });

  it('follows the account: a sale, a panic', async () => {
    await using world = await createWorld();
    const stream = await open(world, PNL);
    await take(stream, 1);
    await world.commit({ events: [world.ada.sells('BTCUSDT', '68891', minutes(2))] });
    await world.commit({ events: [world.ada.obeys('TRADING_STOPPED', 'c1', { account: { status: 'STOPPED' } })] });
    await world.clock.advance(100);
    expect(await take(stream, 1)).toMatchObject([
      {
        seq: 4,
        equity: '5019.04750256',
        todayPnl: '19.04750256',
        status: 'STOPPED',
        positions: [],
        entryBlocks: [{ symbol: null, reason: 'TRADING_STOPPED' }],
      },
    ]);
  });

  it('keeps only what is newest for a subscriber that does not pull', async () => {
    await using world = await createWorld();
    const stream = await open(world, PNL);
    for (let price = 68_001; price <= 68_040; price++) {
      await world.commit({ prices: [market('BTCUSDT', String(price), minutes(price))] });
      await world.clock.advance(300);
    }
    const [state] = await take(stream, 1);
    expect(state).toMatchObject({ positions: [{ currentPrice: '68040' }] });
  });

  it('is computed once for all who look at an account, and no longer when they have left', async () => {
    await using world = await createWorld();
    let reads = 0;
    const read = world.store.readModels.account;
    Object.assign(world.store.readModels, { account: (id: string) => ((reads += 1), read(id)) });
    const streams = await Promise.all(Array.from({ length: 50 }, () => world.live.pnl('acc-1')));
    expect(reads).toBe(1);
    await world.commit({ prices: [market('BTCUSDT', '68500', minutes(2))] });
    await world.clock.advance(100);
    expect(reads).toBe(2);
    for (const stream of streams) await stream.return?.();
    await world.commit({ prices: [market('BTCUSDT', '68600', minutes(3))] });
    await world.clock.advance(3_000);
    expect(reads).toBe(2);
  });
});

describe('prices', () => {
  const PRICES =
    'subscription { priceUpdated(symbols: ["BTCUSDT"]) { symbol price time receivedAt changePercent24h } }';

  it('of a lock-step world are those that the trader has committed, not those that the feed is ahead with', async () => {
    await using world = await createWorld();
    const stream = await open(world, PRICES);
    expect(await take(stream, 1)).toMatchObject([{ price: '68234', changePercent24h: null }]);
    await tell(world, { close: parsePrice('70000'), at: minutes(5), time: minutes(4) });
    await world.commit({ prices: [market('BTCUSDT', '68300', minutes(2))], worldTime: minutes(2) });
    await world.clock.advance(200);
    expect(await take(stream, 1)).toMatchObject([{ price: '68300', time: '2026-01-01T00:02:00.000Z' }]);
    const { data } = await world.ask(ADA, '{ account { equity } positions { currentPrice } }');
    expect(data).toMatchObject({ positions: [{ currentPrice: '68300' }] });
  });

  it('of an exchange come from the bus before they are committed, and value positions at once', async () => {
    await using world = await createWorld({ world: 'EXCHANGE:binance', env: { FEED: 'binance' } });
    const [prices, pnl] = [await open(world, PRICES), await open(world, PNL)];
    await take(prices, 1);
    await take(pnl, 1);
    await tell(world, { close: parsePrice('68891'), at: minutes(2), time: minutes(1) });
    await world.clock.advance(300);
    expect(await take(prices, 1)).toMatchObject([{ price: '68891', receivedAt: '2026-01-01T00:00:00.000Z' }]);
    expect(await take(pnl, 1)).toMatchObject([{ equity: '5021.57157374' }]);
    const { data } = await world.ask(ADA, '{ account { equity } prices { price } }');
    expect(data).toEqual({ account: { equity: '5021.57157374' }, prices: [{ price: '68891' }] });
  });

  it('of an exchange never go back behind a newer committed one', async () => {
    await using world = await createWorld({ world: 'EXCHANGE:binance', env: { FEED: 'binance' } });
    await tell(world, { close: parsePrice('60000'), at: START, time: addMs(START, -60_000) });
    await world.clock.advance(300);
    const { data } = await world.ask(ADA, '{ positions { currentPrice } }');
    expect(data).toEqual({ positions: [{ currentPrice: '68234' }] });
  });

  it('say by how much they changed since the day before', async () => {
    await using world = await createWorld();
    const candle = sampleCandle({ close: parsePrice('60000'), time: addMs(minutes(0), -86_400_000) });
    await world.commit({ rows: { candles: [candle] } });
    const { data } = await world.ask(ADA, '{ prices { changePercent24h } }');
    expect(data['prices']?.[0]?.['changePercent24h']).toBeCloseTo((68_234 / 60_000 - 1) * 100, 10);
  });
});

describe('candles', () => {
  const CANDLES = 'subscription { candleUpdated(symbol: "BTCUSDT") { time close closed } }';

  it('of a lock-step world come with the commit', async () => {
    await using world = await createWorld();
    const stream = await open(world, CANDLES);
    await tell(world, { time: minutes(9), close: parsePrice('1') });
    await world.commit({ rows: { candles: [sampleCandle({ time: minutes(2) }), sampleCandle({ time: minutes(3) })] } });
    await world.clock.advance(500);
    expect(await take(stream, 2)).toMatchObject([
      { time: '2026-01-01T00:02:00.000Z', closed: true },
      { time: '2026-01-01T00:03:00.000Z' },
    ]);
  });

  it('of an exchange come from the bus while they form', async () => {
    await using world = await createWorld({ world: 'EXCHANGE:binance', env: { FEED: 'binance' } });
    const stream = await open(world, CANDLES);
    await tell(world, { time: minutes(2), close: parsePrice('68001'), closed: false, at: minutes(2) });
    await world.clock.advance(300);
    expect(await take(stream, 1)).toEqual([{ time: '2026-01-01T00:02:00.000Z', close: '68001', closed: false }]);
  });
});

describe('signals', () => {
  const SIGNALS = 'subscription { signalPublished { id source votes { knn } decisions { id } } }';
  const publish = (world: Pick<TradingFixture, 'trader'>, signal: Parameters<typeof sampleSignal>[0]) =>
    world.trader.bus.publish(TOPICS.signals, [{ key: 'BTCUSDT', value: encodeSignal(sampleSignal(signal)) }]);

  it('of the predictor wait until the trader has reached their time; those of third parties do not', async () => {
    await using world = await createWorld();
    const stream = await open(world, SIGNALS);
    await publish(world, { id: 'ahead', time: minutes(3) });
    await publish(world, { id: 'theirs', time: START, source: 'somebody', votes: null });
    await world.clock.advance(300);
    expect(await take(stream, 1)).toEqual([{ id: 'theirs', source: 'somebody', votes: null, decisions: [] }]);
    await world.commit({ worldTime: minutes(3) });
    await world.clock.advance(300);
    expect(await take(stream, 1)).toMatchObject([{ id: 'ahead', votes: { knn: 0.7 } }]);
  });

  it('that are too old or too far ahead are not told', async () => {
    await using world = await createWorld();
    const stream = await open(world, SIGNALS);
    const source = 'somebody';
    await publish(world, { id: 'old', time: addMs(START, -25 * 3_600_000), source });
    await publish(world, { id: 'early', time: addMs(START, 3_600_000), source });
    await publish(world, { id: 'fine', time: addMs(START, -1_000), source });
    await world.clock.advance(300);
    expect(await take(stream, 1)).toMatchObject([{ id: 'fine' }]);
  });
});

describe('system', () => {
  const SYSTEM =
    '{ system { feed feedName feedSpeed feedEndedAt worldTime healthy version components { name healthy detail lag } } }';
  const report = (component: HealthReport['component'], at: Instant): HealthReport => ({
    component,
    instance: `${component}-1`,
    at,
    healthy: true,
    detail: 'Works',
    lag: 3,
    worldTime: null,
    feedName: component === 'feed' ? 'simulator' : null,
    feedSpeed: component === 'feed' ? 60 : null,
    feedEndedAt: null,
  });
  const say = (world: Pick<TradingFixture, 'trader'>, reports: readonly HealthReport[]) =>
    world.trader.bus.publish(
      TOPICS.health,
      reports.map((value) => ({ key: null, value: encodeHealth(value) })),
    );
  const all = (at: Instant) => [report('feed', at), report('predictor', at), report('trader', at)];
  const detailsOf = (answer: { data: { [field: string]: never } }) => {
    const { components } = answer.data['system'] as unknown as { components: { name: string; detail: string }[] };
    return Object.fromEntries(components.map(({ name, detail }) => [name, detail]));
  };

  it('is healthy when every part is heard of and answers', async () => {
    await using world = await createWorld();
    await say(world, all(START));
    await world.clock.advance(300);
    const answer = await world.ask(ADA, SYSTEM);
    expect(answer.data).toMatchObject({
      system: { feed: 'SIMULATOR', feedName: 'simulator', feedSpeed: 60, healthy: true, version: '0.1.0' },
    });
    expect(detailsOf(answer as never)).toMatchObject({ bus: 'Answers', store: 'Answers', feed: 'Works' });
  });

  it('says what fell silent, and what does not answer', async () => {
    await using world = await createWorld();
    await say(world, all(START));
    await world.clock.advance(6_000);
    await say(world, [report('feed', world.clock.now()), report('predictor', world.clock.now())]);
    world.storeServer.setDown(true);
    await world.clock.advance(2_000);
    const answer = await world.ask(ADA, SYSTEM);
    expect(answer.data).toMatchObject({ system: { healthy: false } });
    expect(detailsOf(answer as never)).toMatchObject({
      trader: 'Not heard of for 8 s',
      store: 'Does not answer',
      feed: 'Works',
    });
  });

  it('says what the trader waits for', async () => {
    await using world = await createWorld();
    const round = { closeAt: minutes(2), isComplete: true, awaiting: ['BTCUSDT'] };
    const notes = { hasPredictor: true, firstSignalWaitEndedAt: null, feedEndedAt: null, round, partial: [] };
    await world.commit({ notes, worldTime: minutes(2) });
    await say(world, all(START));
    await world.clock.advance(300);
    const details = detailsOf((await world.ask(ADA, SYSTEM)) as never);
    expect(details).toMatchObject({ trader: "Works; waiting for the predictor's signals for BTCUSDT" });
  });

  it('changes are told at once, and the same at least every 2 s', async () => {
    await using world = await createWorld();
    await say(world, all(START));
    await world.clock.advance(1_100);
    const stream = await open(world, 'subscription { systemChanged { healthy serverTime } }');
    expect(await take(stream, 1)).toMatchObject([{ healthy: true }]);
    await world.clock.advance(2_600);
    await take(stream, 1);
    await say(world, [{ ...report('predictor', world.clock.now()), healthy: false, detail: 'No memory' }]);
    await world.clock.advance(100);
    const [changed] = await take(stream, 1);
    expect(changed?.['healthy']).toBe(false);
    expect(Date.parse(String(changed?.['serverTime'])) - START).toBeLessThan(3_800);
  });
});
