/** A market that does not exist: seeded, the same after every restart, going on where the bus ends. */
import type { Store } from '@kairos/ports';
import { isPortError } from '@kairos/ports';
import type { Config, Instrument, World } from '@kairos/schema';
import {
  AMOUNT_DECIMALS,
  currenciesOf,
  INTERVAL_MS,
  TRAINING_CANDLES,
  writeInstruments,
  writeTrainingCounts,
} from '@kairos/schema';
import type { Publisher } from '../lock-step/publisher.js';
import { createPublisher } from '../lock-step/publisher.js';
import type { CandleGroup, LockStepSource } from '../lock-step/source.js';
import { makeGroup } from '../lock-step/source.js';
import type { FeedDeps, FeedWork } from '../work.js';
import type { Genesis, Market } from './candles.js';
import { createMarket, startMarket } from './candles.js';
import { keepGenesis, loadState, saveState } from './genesis.js';
import { profileOf } from './profiles.js';

/** `source` and name of the simulator. */
export const SIMULATOR_SOURCE = 'simulator';

const BATCH_GROUPS = 250;
/** Candles of each symbol between two stored states: a restart makes at most so many again. */
const STATE_EVERY_CANDLES = 20 * BATCH_GROUPS;

export interface SimulatorOptions {
  readonly config: Pick<Config, 'SYMBOLS' | 'INTERVAL' | 'FEED_SPEED' | 'FEED_SEED'>;
  readonly world: World;
}

export function createSimulator(deps: FeedDeps, options: SimulatorOptions): FeedWork {
  const { store, clock } = deps;
  const { config, world } = options;
  const speed = config.FEED_SPEED ?? 1;
  let publisher: Publisher | null = null;
  return {
    name: SIMULATOR_SOURCE,
    speed: speed === Infinity ? null : speed,
    async prepare() {
      const genesis = await keepGenesis(deps, options);
      const { interval } = genesis;
      await writeInstruments(store.app.facts, world, config.SYMBOLS.map(toInstrument));
      const trainingCandles = Object.fromEntries(config.SYMBOLS.map((symbol) => [symbol, TRAINING_CANDLES]));
      await writeTrainingCounts(store.app.facts, world, trainingCandles);
      const source = createSimulatorSource({ store, genesis, symbols: config.SYMBOLS, world });
      // In step with the clock: at speed 1 a candle closes on the real boundary.
      const elapsed = (clock.now() % INTERVAL_MS[interval]) / INTERVAL_MS[interval];
      const initialCredit = Math.min(1, elapsed * speed);
      publisher = createPublisher(deps, { source, symbols: config.SYMBOLS.length, speed, initialCredit });
    },
    async run(signal) {
      await publisher?.run(signal);
    },
    status: () => publisher?.status() ?? { healthy: true, detail: 'begins', worldTime: null, endedAt: null },
  };
}

export interface SimulatorSourceOptions {
  readonly store: Store;
  readonly genesis: Genesis;
  readonly symbols: readonly string[];
  readonly world: World;
}

export function createSimulatorSource(options: SimulatorSourceOptions): LockStepSource {
  const { genesis, symbols } = options;
  const lengthMs = INTERVAL_MS[genesis.interval];
  return {
    name: SIMULATOR_SOURCE,
    interval: genesis.interval,
    async *groups(after) {
      // The group of `after` itself may be half published: it is made again, and the rest of it taken.
      const wanted = after ? Math.max(0, (after.closeTime - genesis.startsAt) / lengthMs - 1) : 0;
      const market = await marketBefore(options, wanted);
      let stored = wanted;
      for (let made = wanted; ; made += BATCH_GROUPS) {
        // Everything made so far is on the bus now, so a restart never begins before this state.
        if (made - stored >= STATE_EVERY_CANDLES) {
          await trySaveState(options, market);
          stored = made;
        }
        yield Array.from({ length: BATCH_GROUPS }, (_, index) => nextGroup(market, made + index));
      }
    },
    detail: () => `${symbols.length} symbols, ${genesis.interval} candles, seed ${genesis.seed}`,
  };
}

/** The market after `candles` candles, from the stored state where that is not beyond it. */
async function marketBefore(
  { store, genesis, symbols, world }: SimulatorSourceOptions,
  candles: number,
): Promise<Market> {
  const stored = await loadState(store, world, { seed: genesis.seed, symbols });
  const from = stored && stored.candles <= candles ? stored : startMarket(genesis.seed, symbols);
  const market = createMarket(genesis, from);
  market.skip(candles - from.candles);
  return market;
}

/** A state that cannot be stored costs a longer start, nothing else. */
async function trySaveState({ store, genesis, world }: SimulatorSourceOptions, market: Market): Promise<void> {
  try {
    await saveState(store, world, { seed: genesis.seed, state: market.state() });
  } catch (error) {
    if (!isPortError(error) || !error.isRetriable) throw error;
  }
}

const nextGroup = (market: Market, index: number): CandleGroup =>
  makeGroup(market.step(), SIMULATOR_SOURCE, index < TRAINING_CANDLES);

/** Nobody's exchange: prices at the profile's tick, amounts to 8 decimals, no smallest order. */
const toInstrument = (symbol: string): Instrument => ({
  symbol,
  ...currenciesOf(symbol),
  priceDecimals: profileOf(symbol).priceDecimals,
  amountDecimals: AMOUNT_DECIMALS,
  minOrderValue: null,
});
