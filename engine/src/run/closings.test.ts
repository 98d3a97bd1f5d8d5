/** Closings that are due, and what else the shell has at hand then. */
import { parsePrice } from '@kairos/schema';
import { describe, expect, it } from 'vitest';
import { createEngine } from '../core/engine.js';
import { createWorldFixture, START } from './world.fixture.js';

const REFUSALS = 2;
/** What two more tries take, with a margin: a quiet batch alone is kept for 5 s. */
const SOON_MS = 3_000;

describe('a position that the venue does not let go at first', () => {
  it('is tried again when it is due, whatever quiet inputs have not been committed yet', async () => {
    const world = createWorldFixture('EXCHANGE:binance');
    const refusalOf = ({ action, attempt }: { action: string; attempt: number }) =>
      action === 'SELL' && attempt <= REFUSALS ? 'not now' : null;
    const running = await world.start({
      createEngine: (state, rules) => createEngine(state, { ...rules, fillModel: { volumeShare: null, refusalOf } }),
    });
    await world.open('main');
    await world.until('it is there', async () => (await world.events()).length > 0);
    await world.signal({ id: 's1' });
    await world.until('it is open', async () => (await world.events()).some(({ type }) => type === 'TRADE_OPENED'));
    await world.command({ id: 'panic', action: 'STOP_BOT' });
    await world.until('it is refused', async () => (await world.events()).some(({ type }) => type === 'CLOSE_FAILED'));
    const since = world.clock.monotonicMs();
    for (let n = 0; n < 3; n++) {
      await world.signal({ id: `quiet-${n}`, action: 'HOLD', price: parsePrice('68234') });
      await world.candle('68234', n - 3, { at: START });
      await world.clock.advance(100);
    }
    await world.until('it is flat', async () => (await world.events()).at(-1)?.type === 'TRADING_STOPPED');
    expect((await world.events()).filter(({ type }) => type === 'CLOSE_FAILED')).toHaveLength(REFUSALS);
    expect(world.clock.monotonicMs() - since).toBeLessThan(SOON_MS);
    await running.stop();
  });
});
