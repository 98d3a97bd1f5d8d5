/** What a simulated world was made from, and how far it has come: kept in the store, so that it goes on for ever. */
import type { Clock, Log, Store } from '@kairos/ports';
import type { Config, World } from '@kairos/schema';
import {
  addMs,
  formatInstant,
  INTERVAL_MS,
  parseInstant,
  parseInterval,
  TRAINING_CANDLES,
  ValueError,
} from '@kairos/schema';
import type { Genesis, MarketState } from './candles.js';
import { REGIMES } from './regime.js';

const GENESIS_FACT = 'simulator';
const STATE_FACT = 'simulator-state';
const SEEDS = 2 ** 32;

export interface GenesisDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
}

/**
 * The genesis of the world: made at its first start from FEED_SEED (or by chance), INTERVAL and the clock, then kept.
 * Training ends where the world begins to run: at the boundary of an interval before now.
 *
 * @throws PortError, or ValueError when what is stored is no genesis
 */
export async function keepGenesis(
  { store, clock, log, random }: GenesisDeps,
  { config, world }: { readonly config: Pick<Config, 'FEED_SEED' | 'INTERVAL'>; readonly world: World },
): Promise<Genesis> {
  const lengthMs = INTERVAL_MS[config.INTERVAL];
  const now = clock.now();
  const fresh: Genesis = {
    seed: config.FEED_SEED ?? Math.floor(random() * SEEDS),
    startsAt: addMs(now, -(now % lengthMs) - TRAINING_CANDLES * lengthMs),
    interval: config.INTERVAL,
  };
  const kept = parseGenesis(await store.app.facts.putIfAbsent(world, GENESIS_FACT, fresh));
  if (config.FEED_SEED !== null && config.FEED_SEED !== kept.seed) {
    const advice = 'empty DATA_DIR to begin a new world';
    log.warn({ asked: config.FEED_SEED, kept: kept.seed }, `FEED_SEED ${config.FEED_SEED} is NOT used: ${advice}`);
  }
  if (config.INTERVAL !== kept.interval) {
    const advice = `this world was made of ${kept.interval} candles; empty DATA_DIR to begin a new one`;
    log.warn({ asked: config.INTERVAL, kept: kept.interval }, `INTERVAL ${config.INTERVAL} is NOT used: ${advice}`);
  }
  log.info(
    { ...kept },
    `simulated world of seed ${kept.seed}, ${kept.interval} candles from ${formatInstant(kept.startsAt)}`,
  );
  return kept;
}

function parseGenesis(input: unknown): Genesis {
  const { seed, startsAt, interval } = Object(input) as Record<string, unknown>;
  if (typeof seed !== 'number' || !Number.isInteger(seed)) throw new ValueError('a stored simulator seed', seed);
  return { seed, startsAt: parseInstant(startsAt), interval: parseInterval(interval) };
}

/** A stored state of the market, if it is of this seed and knows every symbol; null otherwise. */
export async function loadState(store: Store, world: World, wanted: StateOf): Promise<MarketState | null> {
  const stored = Object((await store.app.facts.get(world, STATE_FACT)) ?? {}) as Partial<StoredState>;
  if (stored.seed !== wanted.seed || !isMarketState(stored.state)) return null;
  const { symbols } = stored.state;
  if (!wanted.symbols.every((symbol) => Object.hasOwn(symbols, symbol))) return null;
  return { ...stored.state, symbols: Object.fromEntries(wanted.symbols.map((symbol) => [symbol, symbols[symbol]!])) };
}

export const saveState = (store: Store, world: World, stored: StoredState): Promise<void> =>
  store.app.facts.put(world, STATE_FACT, stored);

export interface StateOf {
  readonly seed: number;
  readonly symbols: readonly string[];
}

export interface StoredState {
  readonly seed: number;
  readonly state: MarketState;
}

function isMarketState(input: unknown): input is MarketState {
  const { candles, lead, symbols } = Object(input) as Partial<MarketState>;
  return Number.isInteger(candles) && isPath(lead) && Object.values(Object(symbols) as object).every(isPath);
}

function isPath(input: unknown): boolean {
  const { prng, regime, level, drift, heat, centre } = Object(input) as Record<string, unknown>;
  const isPrng = Array.isArray(prng) && prng.length === 4 && prng.every(Number.isInteger);
  return isPrng && REGIMES.some((known) => known === regime) && [level, drift, heat, centre].every(Number.isFinite);
}
