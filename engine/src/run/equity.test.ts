/** The equity history that the trader stores: open positions included, and rebuildable. */
import type { JournalEntry, Store } from '@kairos/ports';
import {
  createMemoryStoreServer,
  createSeededRandom,
  createSimulatedClock,
  NO_ROWS,
  sampleEntry,
} from '@kairos/ports/testing';
import type { Instant, Rate } from '@kairos/schema';
import { addMs, HOUR_MS, parsePrice, parseRate } from '@kairos/schema';
import { describe, expect, it } from 'vitest';
import { rebuildEquity } from './rebuild-equity.fixture.js';
import type { WorldFixture } from './world.fixture.js';
import { createWorldFixture, START } from './world.fixture.js';

const ACCOUNTS = ['main', 'other'];
/** Beyond two months, so that old points have been thinned. */
const STEPS = 80 * 6;
const POINTS_MAX = 100_000;

const at = (step: number): Instant => addMs(START, step * 4 * HOUR_MS);

/** Candles of four hours and predictions of two symbols. */
async function publishSteps(world: WorldFixture, seed: number): Promise<void> {
  const random = createSeededRandom(seed);
  const prices = { BTCUSDT: 60_000, ETHUSDT: 3_000 };
  for (let step = 1; step <= STEPS; step++) {
    for (const symbol of ['BTCUSDT', 'ETHUSDT'] as const) {
      prices[symbol] *= 1 + (random() - 0.495) * 0.03;
      const extra = { symbol, interval: '4h', time: at(step - 1), at: at(step), last: symbol === 'ETHUSDT' } as const;
      await world.candle(prices[symbol].toFixed(2), 0, extra);
      const action = (['BUY', 'SELL', 'HOLD', 'HOLD'] as const)[Math.floor(random() * 4)]!;
      const price = parsePrice(prices[symbol].toFixed(2));
      await world.prediction(action, step * 4 * 60, { symbol, price });
    }
  }
}

async function allEntries({ journal }: Store): Promise<readonly JournalEntry[]> {
  const entries: JournalEntry[] = [];
  for (;;) {
    const page = await journal.read(0, entries.at(-1)?.entry ?? 0, 500);
    if (page.length === 0) return entries;
    entries.push(...page);
  }
}

const curvesOf = (store: Store) =>
  Promise.all(ACCOUNTS.map((accountId) => store.readModels.equity({ accountId, pointsMax: POINTS_MAX })));

describe('equity history in lock-step', () => {
  it('deleted and rebuilt from journal and candles is the same, to the last digit', { timeout: 60_000 }, async () => {
    const world = createWorldFixture('REPLAY:abc');
    for (const accountId of ACCOUNTS) await world.open(accountId);
    const stopLoss: Rate = parseRate('0.02');
    await world.command({ id: 'stops', action: 'UPDATE_SETTINGS', accountId: 'other', settings: { stopLoss } });
    await publishSteps(world, 7);
    const running = await world.start();
    const isFinished = async () => (await world.store.readModels.progress())?.worldTime === at(STEPS);
    await world.until('the last candle is taken', isFinished);
    await running.stop();

    const entries = await allEntries(world.store);
    const candles = await Promise.all(
      (['BTCUSDT', 'ETHUSDT'] as const).map((symbol) =>
        world.store.readModels.candles({ symbol, interval: '4h', last: STEPS }),
      ),
    );
    const rebuilt = rebuildEquity(entries, candles.flat());
    const clock = createSimulatedClock(START);
    const fresh = createMemoryStoreServer({ clock }).connect();
    await fresh.journal.append(sampleEntry(), { ...NO_ROWS, equity: rebuilt });

    const stored = await curvesOf(world.store);
    expect(await curvesOf(fresh)).toEqual(stored);
    // Stops have fired, and age has thinned: else this would say little.
    const exits = entries.flatMap((entry) => entry.events).map((event) => event.trade?.exitReason);
    expect(new Set(exits)).toContain('STOP_LOSS');
    expect(stored.flat().length).toBeLessThan(rebuilt.length);
    expect(stored.flat().length).toBeGreaterThan(STEPS);
  });
});
