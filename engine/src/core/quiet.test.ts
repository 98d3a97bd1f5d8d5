/** Looking only at the holders whose bounds a price has left gives what looking at everybody with every price gives. */
import type { TradingEvent } from '@kairos/schema';
import { parseSettingsPatch } from '@kairos/schema';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wakeAccount } from './position/quiet.js';
import type { Scenario } from './scenario.fixture.js';
import { scenario } from './scenario.fixture.js';
import { writeSnapshot } from './snapshot.js';

const ACCOUNTS = ['main', 'tight', 'trailing', 'whole'];
const symbol = fc.constantFrom('BTCUSDT', 'ETHUSDT', 'ADAUSDT');
/** Prices far apart and prices a hair apart, so that bounds are met to the last digit. */
const price = fc.oneof(
  fc.integer({ min: 85, max: 118 }).map(String),
  fc.integer({ min: 99_990, max: 100_010 }).map((value) => (value / 1_000).toString()),
  fc.integer({ min: -30, max: 30 }).map((value) => `${100 + Math.sign(value)}.${'0'.repeat(9)}${Math.abs(value) % 10}`),
);

type Move = (world: Scenario) => readonly TradingEvent[];

const move: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.tuple(price, symbol).map(
      ([value, of]): Move =>
        (w) =>
          w.price(value, { symbol: of }),
    ),
  },
  {
    weight: 4,
    arbitrary: fc.tuple(price, symbol).map(
      ([value, of]): Move =>
        (w) =>
          w.buy(value, { symbol: of }),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(price, symbol).map(
      ([value, of]): Move =>
        (w) =>
          w.sell(value, { symbol: of }),
    ),
  },
  { weight: 1, arbitrary: fc.constantFrom<Move>((w) => w.command({ action: 'STOP_BOT', accountId: 'tight' })) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('0.001', '0.05', null).map((trailingStop): Move => (w) => {
      const settings = parseSettingsPatch({ trailingStop });
      return w.command({ action: 'UPDATE_SETTINGS', accountId: 'main', settings });
    }),
  },
  {
    weight: 3,
    arbitrary: fc.integer({ min: 1, max: 2_000 }).map((seconds): Move => (w) => {
      w.wait(seconds);
      return [];
    }),
  },
);

function crowd(): Scenario {
  const world = scenario();
  world.open('tight', { stopLoss: '0.01', takeProfit: '0.01', riskPerTrade: '0.2' });
  world.open('trailing', { trailingStop: '0.02', stopLoss: '0.03', maxDrawdown: '0.05' });
  world.open('whole', { riskPerTrade: '1', commission: '0' });
  world.engine.takeChanges();
  return world;
}

/** Everybody is looked at with the next price. */
function wakeAll({ engine }: Scenario): void {
  for (const account of engine.state.accounts.values()) wakeAccount(engine.state, account);
}

describe('prices that concern nobody', () => {
  it('are told from those that do: events, figures and what is journaled are the same to the last digit', () => {
    fc.assert(
      fc.property(fc.array(move, { minLength: 10, maxLength: 120 }), (moves) => {
        const [lazy, diligent] = [crowd(), crowd()];
        for (const play of moves) {
          wakeAll(diligent);
          expect(play(lazy)).toEqual(play(diligent));
          const marks = lazy.engine.takeChanges().marks.map(({ accountId }) => accountId);
          expect(marks).toEqual(diligent.engine.takeChanges().marks.map(({ accountId }) => accountId));
        }
        expect(writeSnapshot(lazy.engine.state)).toBe(writeSnapshot(diligent.engine.state));
      }),
      { numRuns: 100 },
    );
  }, 60_000);

  it('count a signal’s price with the next market price of anything that the account holds', () => {
    const [lazy, diligent] = [crowd(), crowd()].map((world) => {
      for (const of of ['BTCUSDT', 'ETHUSDT']) {
        world.price('100', { symbol: of });
        world.buy('100', { symbol: of });
        world.price('100', { symbol: of });
      }
      world.wait(700);
      world.signal({ action: 'HOLD', price: '119' });
      return world;
    });
    if (!lazy || !diligent) throw new Error('two worlds');
    wakeAll(diligent);
    for (const world of [lazy, diligent]) world.price('100', { symbol: 'ETHUSDT' });
    expect(lazy.account().peakEquity).toBeGreaterThan(lazy.account().account.initialBalance);
    expect(writeSnapshot(lazy.engine.state)).toBe(writeSnapshot(diligent.engine.state));
  });

  it('leave accounts alone: within the bounds nobody is looked at', () => {
    const world = crowd();
    world.buy('100');
    world.price('110');
    world.price('100');
    const market = world.engine.state.markets.get('BTCUSDT');
    expect(market && [...market.holders.keys()].map(({ account }) => account.id)).toEqual(
      ACCOUNTS.filter((id) => world.account(id).openTrades.size > 0),
    );
    const { quietLow, quietHigh } = market ?? { quietLow: 0n, quietHigh: 0n };
    expect(quietLow).toBeLessThan(105n * 10n ** 12n);
    expect(quietHigh).toBeGreaterThan(105n * 10n ** 12n);
  });
});
