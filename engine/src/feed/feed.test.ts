import { describe, expect, it } from 'vitest';
import { CandleFileError, ExchangeConfigError } from './errors.js';
import { createFeed } from './feed.js';
import { startFakeExchange } from './testing/fake-exchange.js';
import { configOf, createRig, NOW, stopping } from './testing/rig.js';

const WORLDS: Readonly<Record<string, string>> = { simulator: 'SIMULATOR', binance: 'EXCHANGE:binance' };

function feedOf(rig: ReturnType<typeof createRig>, variables: Readonly<Record<string, string>>) {
  const config = configOf(variables);
  return createFeed(rig.deps(), { config, world: WORLDS[variables['FEED'] ?? ''] ?? 'REPLAY:test', instance: 'one' });
}

describe('a feed that is impossible', () => {
  it.each([
    [{ FEED: 'replay:nowhere.csv', SYMBOLS: 'BTCUSDT' }, CandleFileError],
    [{ FEED: 'nosuchplace' }, ExchangeConfigError],
  ])('%o does not start', async (variables, kind) => {
    await expect(feedOf(createRig(), variables).start()).rejects.toBeInstanceOf(kind);
  });

  it('auto must have been resolved before', () => {
    expect(() => feedOf(createRig(), { FEED: 'auto' })).toThrow(/resolve/);
  });

  it('ends with its reason where that shows later: a symbol that the exchange does not trade', async () => {
    const fake = await startFakeExchange({ now: () => NOW, symbols: ['BTCUSDT'], priceAt: () => 100 });
    const feed = feedOf(createRig(), { FEED: 'binance', FEED_URL: fake.url, SYMBOLS: 'NOPEUSDT' });
    await feed.start();
    await expect(feed.ended).rejects.toBeInstanceOf(ExchangeConfigError);
    await feed.stop();
    await fake.close();
  });
});

describe('health', () => {
  it('is bad while the exchange does not answer, and says so once a second', async () => {
    const rig = createRig();
    const fake = await startFakeExchange({ now: () => NOW, symbols: ['BTCUSDT'], priceAt: () => 100 });
    fake.cutOff(true);
    const feed = feedOf(rig, { FEED: 'binance', FEED_URL: fake.url, SYMBOLS: 'BTCUSDT' });
    await using _ = stopping(feed);
    await feed.start();
    await rig.advanceUntil(async () => (await rig.health())?.detail.includes('TRANSIENT') === true, 100);
    expect(await rig.health()).toMatchObject({
      component: 'feed',
      healthy: false,
      feedName: 'binance',
      feedSpeed: 1,
      worldTime: null,
      feedEndedAt: null,
    });
    await fake.close();
  });

  it('of the simulator tells its speed and world time', async () => {
    const rig = createRig();
    const feed = feedOf(rig, { FEED: 'simulator', FEED_SPEED: '60' });
    await using _ = stopping(feed);
    await feed.start();
    await rig.advanceUntil(async () => typeof (await rig.health())?.worldTime === 'number', 100);
    const { worldTime, ...health } = (await rig.health())!;
    expect(health).toMatchObject({ healthy: true, feedName: 'simulator', feedSpeed: 60 });
    expect((await rig.candles()).map(({ at }) => at)).toContain(worldTime);
  });
});

it('a feed that was never started can be stopped', async () => {
  const feed = feedOf(createRig(), { FEED: 'simulator' });
  await feed.stop();
  await feed.ended;
});
