/**
 * A storm of kill -9: three traders, predictor and feed are killed one after the other at seeded moments, without waiting
 * for what becomes of the one before, and each is started again at once.
 * `KILLS_SEED` says which moments.
 */
import { isPortError, openDoors, systemClock } from '@kairos/ports';
import { createSeededRandom } from '@kairos/ports/testing';
import type { Crew, Part } from './crew.fixture.js';
import { createCrew } from './crew.fixture.js';
import { killAndTell, tell } from './deaths.fixture.js';
import { PATIENCE_MS } from './disturbance.fixture.js';
import type { Remains } from './in-process.fixture.js';
import { readRemainsOf } from './in-process.fixture.js';
import type { Repeater } from './repeater.fixture.js';
import { startRepeating } from './repeater.fixture.js';
import type { Accounts, ReplayWorld } from './replay-world.fixture.js';
import { askForAccounts, hasEnded, until } from './replay-world.fixture.js';

const SEED = Number(process.env['KILLS_SEED'] ?? 20_240_808);
/** From one kill to the next: anything up to twice this. */
const GAP_MS_MEAN = 800;
/** In this part of the cases the world has gone on since the kill before, however busy the machine is. */
const AFTER_COMMIT = 0.7;
/** As fast as it goes. */
const SPEED_AFTERWARDS = '1000000';

const PARTS: readonly Part[] = ['trade', 'trade-2', 'trade-3', 'predict'];
const FEED: readonly Part[] = ['feed'];
/** Who is killed, by lot: traders most of all, for they are the ones that could do a thing twice. */
const LOTS: readonly Part[] = [
  ...Array.from({ length: 6 }, () => ['trade', 'trade-2', 'trade-3'] as const).flat(),
  'predict',
  'feed',
];
export interface Storm<Id extends string> {
  readonly remains: Remains<Id>;
  readonly repeater: Pick<Repeater, 'signals' | 'records'>;
  readonly killed: Readonly<Record<string, number>>;
  /** Processes that have ended themselves, because the machine was too busy for them. */
  readonly stalled: number;
  /** From the first kill to the last. */
  readonly stormMs: number;
}

export interface StormOptions<Id extends string> {
  readonly accounts: Accounts<Id>;
  readonly kills: number;
}

/** Runs a replay whose speed is that of the storm; what is left of it afterwards goes as fast as it can. */
export async function runInStorm<Id extends string>(
  { config, world, env }: ReplayWorld,
  { accounts, kills }: StormOptions<Id>,
): Promise<Storm<Id>> {
  const doors = await openDoors(config, world, { clock: systemClock });
  const crew = createCrew(env, PARTS);
  const feed = createCrew(env, FEED);
  const feedAfterwards = createCrew({ ...env, FEED_SPEED: SPEED_AFTERWARDS }, FEED);
  const crews = [feedAfterwards, feed, crew];
  const brokers = config.KAFKA_BROKERS ?? [];
  const reviver = createReviver(crews, brokers);
  try {
    await askForAccounts(doors.bus, accounts);
    const repeater = await startRepeating(doors.bus);
    PARTS.forEach(crew.start);
    feed.start('feed');
    const hasBegun = async () => {
      await reviver.revive();
      return ((await doors.store.readModels.progress())?.worldTime ?? null) !== null;
    };
    await until('prices come', hasBegun, PATIENCE_MS);
    const strike = async (part: Part) => {
      const its = part === 'feed' ? feed : crew;
      await killAndTell(its, part, brokers);
      its.start(part);
    };
    /** A store that is too busy to answer in time says it later. */
    const worldTime = async () => {
      const found = await doors.store.readModels.progress().catch((error: unknown) => {
        if (isPortError(error) && error.isRetriable) return null;
        throw error;
      });
      return found?.worldTime ?? 0;
    };
    const { killed, stormMs } = await storm({ kills, strike, worldTime, revive: reviver.revive });
    if (await hasEnded(doors.store)) throw new Error('expected prices until the last kill, found that they had ended');
    await feed.stop();
    feedAfterwards.start('feed');
    const hasCome = async () => {
      await reviver.revive();
      return (await hasEnded(doors.store)) && repeater.leastOften() >= 3;
    };
    await until('the replay ends, every signal fed three times', hasCome, PATIENCE_MS);
    await repeater.stop();
    for (const each of crews) await each.stop();
    const { signals, records } = repeater;
    const remains = await readRemainsOf(doors, accounts);
    return { remains, repeater: { signals, records }, killed, stalled: reviver.stalled(), stormMs };
  } finally {
    for (const each of crews) await each.killAll();
    await doors.close();
  }
}

/** Starts those again that have ended themselves, as a supervisor does. `revive` throws for any other end. */
function createReviver(crews: readonly Crew[], brokers: readonly string[]) {
  let stalled = 0;
  return {
    stalled: () => stalled,
    async revive() {
      for (const crew of crews) {
        for (const dead of crew.takeStalled()) {
          stalled += 1;
          await tell(dead, brokers);
          crew.start(dead.part);
        }
        crew.assertAlive();
      }
    },
  };
}

interface StormDeps {
  readonly kills: number;
  strike(part: Part): Promise<void>;
  revive(): Promise<void>;
  /** Of the newest commit. */
  worldTime(): Promise<number>;
}

async function storm({
  kills,
  strike,
  revive,
  worldTime,
}: StormDeps): Promise<Pick<Storm<string>, 'killed' | 'stormMs'>> {
  const random = createSeededRandom(SEED);
  const killed: Record<string, number> = {};
  const began = systemClock.monotonicMs();
  let before = 0;
  const goesOn = async () => {
    await revive();
    return (await worldTime()) > before;
  };
  for (let kill = 0; kill < kills; kill++) {
    if (random() < AFTER_COMMIT) await until(`the world goes on after ${kill} kills`, goesOn, PATIENCE_MS);
    await systemClock.sleep(random() * 2 * GAP_MS_MEAN);
    await revive();
    before = await worldTime();
    const part = LOTS[Math.floor(random() * LOTS.length)]!;
    await strike(part);
    killed[part] = (killed[part] ?? 0) + 1;
  }
  return { killed, stormMs: Math.round(systemClock.monotonicMs() - began) };
}
