/**
 * A history that touches every type of event, every exit and many denials, as the journal entries that a trader would
 * append: a seeded walk of prices with signals, and commands at fixed places. Always the same bytes for the same rules.
 */
import type { JournalEntry } from '@kairos/ports';
import type { Instant, TradingEvent } from '@kairos/schema';
import { parseSettingsPatch } from '@kairos/schema';
import { PAPER_FILLS } from '../src/core/matching/fill-model.js';
import type { Scenario } from '../src/core/scenario.fixture.js';
import { scenario } from '../src/core/scenario.fixture.js';

const ROUNDS = 90;
const SYMBOLS = ['BTCUSDT', 'ETHUSDT', 'ADAUSDT'];

/** A generator of numbers below 2^32, the same for the same seed. */
function seeded(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** What happens at fixed places, by round. */
const COMMANDS: Readonly<Record<number, (world: Scenario) => readonly TradingEvent[]>> = {
  10: (world) => world.command({ action: 'PAUSE_BOT', accountId: 'main', reason: 'lunch' }),
  13: (world) => world.command({ action: 'RESUME_BOT', accountId: 'main' }),
  15: (world) =>
    world.command({
      action: 'UPDATE_SETTINGS',
      accountId: 'careful',
      settings: parseSettingsPatch({ trailingStop: '0.02', slippage: '0.0005' }),
    }),
  22: (world) => {
    const trade = [...world.account().openTrades.values()][0];
    return world.command({ action: 'CLOSE_POSITION', tradeId: trade?.id ?? 'main:none' });
  },
  34: (world) => world.command({ action: 'STOP_BOT', accountId: 'main', reason: 'enough' }),
  35: (world) => world.command({ action: 'PAUSE_BOT', accountId: 'main' }),
  44: (world) => world.command({ action: 'RESUME_BOT', accountId: 'main' }),
  50: (world) => world.open('latecomer', { trailingStop: '0.01', cooldownSeconds: 300 }),
  74: (world) => world.command({ action: 'STOP_BOT' }),
  80: (world) => world.command({ action: 'RESUME_BOT' }),
};

/** Plays the history; every move is one entry. */
export function goldenEntries(): JournalEntry[] {
  const random = seeded(3);
  /** Refuses sales of one symbol in the first panic, so that closings fail and are tried again. */
  let refusals = 2;
  const fillModel = {
    ...PAPER_FILLS,
    refusalOf: ({ symbol, action, accountId }: { symbol: string; action: string; accountId: string }) =>
      accountId === 'main' && action === 'SELL' && symbol === 'BTCUSDT' && refusals-- > 0 ? 'no sales today' : null,
  };
  const world = scenario({ rules: { fillModel }, settings: { maxOpenPositions: 2 } });
  const entries: JournalEntry[] = [];
  const commit = (events: readonly TradingEvent[]): void =>
    void entries.push(entryOf(world, entries.length + 1, events));
  commit(world.opened);
  commit(world.open('careful', { stopLoss: '0.01', takeProfit: '0.02', dailyLossLimit: '0.05', maxDrawdown: '0.2' }));
  const prices = new Map(SYMBOLS.map((symbol) => [symbol, 100_000]));
  for (let round = 0; round < ROUNDS; round++) {
    world.wait(60);
    const symbol = SYMBOLS[random(SYMBOLS.length)] ?? 'BTCUSDT';
    const cents = (prices.get(symbol) ?? 0) + random(3_001) - 1_500;
    prices.set(symbol, cents);
    const price = (cents / 1_000).toString();
    commit(world.price(price, { symbol }));
    const action = (['BUY', 'BUY', 'SELL', 'HOLD'] as const)[random(4)] ?? 'HOLD';
    commit(
      world.wait(1).signal({ symbol, price, action, confidence: random(10) < 8 ? 0.9 : 0.5, age: random(12) * 12 }),
    );
    const command = COMMANDS[round];
    if (command) commit(command(world));
  }
  return entries;
}

function entryOf({ engine, now }: Scenario, entry: number, events: readonly TradingEvent[]): JournalEntry {
  return {
    shard: 0,
    entry,
    epoch: 1,
    owner: 'golden',
    worldTime: engine.state.now,
    committedAt: now() as Instant,
    positions: { step: entry },
    events,
    ...engine.takeChanges(),
    deadLetters: [],
    notes: engine.state.notes,
    publishedThrough: 0,
  };
}
