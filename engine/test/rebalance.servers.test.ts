/**
 * Traders that come and go while signals flow, on a real Kafka and a real MongoDB: whoever has a shard, each account
 * decides each signal once and leaves none out, and goes on within 10 s. `REBALANCES` (default 50) is how often;
 * `PANIC_SLACK` stretches the time on a machine that is busy otherwise.
 */
import { randomBytes } from 'node:crypto';
import type { Bus, Service, Store } from '@kairos/ports';
import { createGroupOwnership, openKafkaBus, openMongoStore, silentLog, systemClock } from '@kairos/ports';
import { createSeededRandom } from '@kairos/ports/testing';
import { readConfig } from '@kairos/schema';
import { afterEach, describe, expect, it } from 'vitest';
import { createTrader } from '../src/run/index.js';
import { createDecisions, FLOW_SYMBOLS, openOnePerShard, startFlow } from './flow.fixture.js';
import { SLACK } from './panic.fixture.js';
import { journalOf } from './replay-world.fixture.js';
import { dropDatabase, dropTopics, serverOf } from './server-ports.fixture.js';

const REBALANCES = Number(process.env['REBALANCES'] ?? 50);
const SEED = Number(process.env['REBALANCES_SEED'] ?? 26);
const PROGRESS_MS_MAX = 10_000 * SLACK;
const PATIENCE_MS = 60_000;
const TEST_MS = 300_000 + REBALANCES * 10_000;
/** From one signal to the next. */
const GAP_MS = 25;
const TRADERS = 4;
const SHARDS = 8;
const WORLD = 'EXCHANGE:binance';

type End = () => Promise<void>;
const ends: End[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** A place for a trader: clients of its own, and whoever trades there at present. */
interface Place {
  readonly bus: Bus;
  readonly store: Store;
  trader: Service | null;
}

async function openPlaces(): Promise<readonly Place[]> {
  const name = `kairos_test_${randomBytes(6).toString('hex')}`;
  const [brokers, uri] = [serverOf('TEST_KAFKA_BROKERS').split(','), serverOf('TEST_MONGODB_URI')];
  const deps = { clock: systemClock };
  ends.push(() => dropDatabase(uri, name));
  const places: Place[] = [];
  const topicPrefix = `${name}.`;
  ends.push(() => dropTopics(brokers, topicPrefix));
  for (let index = 0; index < TRADERS + 1; index++) {
    const bus = await openKafkaBus({ brokers, partitions: SHARDS, replication: 1, topicPrefix }, deps);
    ends.push(() => bus.close());
    const store = await openMongoStore({ uri, database: name, world: WORLD, shards: SHARDS }, deps);
    ends.push(() => store.close());
    places.push({ bus, store, trader: null });
  }
  return places;
}

/** Lets traders in and out of their places, at least one of them always there. */
function createTurnstile(places: readonly Place[]) {
  const config = readConfig({ FEED: 'binance', SYMBOLS: FLOW_SYMBOLS.join(','), MAX_SIGNAL_AGE_SECONDS: '86400' });
  const random = createSeededRandom(SEED);
  const failures: unknown[] = [];
  let count = 0;

  const enter = async (place: Place): Promise<void> => {
    const { bus, store } = place;
    const ownership = createGroupOwnership({ bus }, SHARDS);
    const instance = `trader-${(count += 1)}`;
    const trader = createTrader(
      { bus, store, ownership, clock: systemClock, log: silentLog },
      { config, world: WORLD, instance },
    );
    trader.ended.catch((error: unknown) => failures.push(error));
    place.trader = trader;
    await trader.start();
  };
  const leave = async (place: Place): Promise<void> => {
    const { trader } = place;
    place.trader = null;
    await trader?.stop();
  };
  ends.push(async () => void (await Promise.all(places.map(leave))));

  return {
    failures,
    async turn(): Promise<void> {
      const place = places[Math.floor(random() * places.length)]!;
      const isLast = places.filter(({ trader }) => trader).length === 1;
      if (!place.trader) await enter(place);
      else if (isLast) await enter(places.find(({ trader }) => !trader)!);
      else await leave(place);
    },
    enter,
  };
}

describe('traders that come and go while signals flow', { timeout: TEST_MS }, () => {
  it(`decide each signal once, and go on within 10 s, over ${REBALANCES} rebalances`, async ({ annotate }) => {
    const [outside, ...places] = await openPlaces();
    const { bus, store } = outside!;
    const { turn, enter, failures } = createTurnstile(places);
    const decisions = createDecisions(store);
    await enter(places[0]!);
    const accountIds = await openOnePerShard({ bus, store }, PATIENCE_MS);
    const flow = startFlow(bus, GAP_MS);
    ends.push(() => flow.stop());
    await decisions.msUntil(accountIds, 0, PATIENCE_MS);
    const tookMs: number[] = [];
    for (let rebalance = 0; rebalance < REBALANCES; rebalance++) {
      await turn();
      tookMs.push(await decisions.msUntil(accountIds, flow.newest + 1, PATIENCE_MS));
      expect(failures).toEqual([]);
    }
    await flow.stop();
    await decisions.msUntil(accountIds, flow.newest, PATIENCE_MS);
    const epochs = (await journalOf(store)).map(({ epoch }) => epoch);
    await annotate(`went on after ms ${tookMs.join(' ')}; ${flow.newest} signals, up to epoch ${Math.max(...epochs)}`);
    expect(tookMs.filter((ms) => ms > PROGRESS_MS_MAX)).toEqual([]);
    expect(await decisions.flaws(accountIds, flow.newest)).toEqual([]);
  });
});
