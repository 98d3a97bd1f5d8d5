/**
 * A storm of kill -9: three traders, predictor and feed are killed one after the other at seeded moments, without waiting
 * for what becomes of the one before, and each is started again at once.
 *
 * The time until a group notices that a member is dead (6 s) would be most of the storm: it is told at once instead, as
 * the broker tells it. `KILLS_SEED` says which moments.
 */
import { openDoors, systemClock } from '@kairos/ports';
import { createSeededRandom } from '@kairos/ports/testing';
import { expel } from '../../ports/fixtures/kafka.js';
import type { Crew, Part } from './crew.fixture.js';
import { commandOf, createCrew } from './crew.fixture.js';
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
/** The groups in which a part stands for something. */
const GROUPS: Readonly<Record<string, string>> = {
  trade: 'kairos-traders',
  predict: 'kairos-predictor-lock',
  feed: 'kairos-feed',
};

export interface Storm<Id extends string> {
  readonly remains: Remains<Id>;
  readonly repeater: Pick<Repeater, 'signals' | 'records'>;
  readonly killed: Readonly<Record<string, number>>;
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
  const assertAlive = () => crews.forEach((each) => each.assertAlive());
  try {
    await askForAccounts(doors.bus, accounts);
    const repeater = await startRepeating(doors.bus);
    PARTS.forEach(crew.start);
    feed.start('feed');
    const hasBegun = async () => {
      assertAlive();
      return ((await doors.store.readModels.progress())?.worldTime ?? null) !== null;
    };
    await until('prices come', hasBegun, PATIENCE_MS);
    const strike = (part: Part) => killAndStart(part === 'feed' ? feed : crew, part, config.KAFKA_BROKERS ?? []);
    const { killed, stormMs } = await storm({ kills, strike, assertAlive });
    if (await hasEnded(doors.store)) throw new Error('expected prices until the last kill, found that they had ended');
    await feed.stop();
    feedAfterwards.start('feed');
    const hasCome = async () => {
      assertAlive();
      return (await hasEnded(doors.store)) && repeater.leastOften() >= 3;
    };
    await until('the replay ends, every signal fed three times', hasCome, PATIENCE_MS);
    await repeater.stop();
    for (const each of crews) await each.stop();
    const { signals, records } = repeater;
    return { remains: await readRemainsOf(doors, accounts), repeater: { signals, records }, killed, stormMs };
  } finally {
    for (const each of crews) await each.killAll();
    await doors.close();
  }
}

interface StormDeps {
  readonly kills: number;
  strike(part: Part): Promise<void>;
  assertAlive(): void;
}

async function storm({ kills, strike, assertAlive }: StormDeps): Promise<Pick<Storm<string>, 'killed' | 'stormMs'>> {
  const random = createSeededRandom(SEED);
  const killed: Record<string, number> = {};
  const began = systemClock.monotonicMs();
  for (let kill = 0; kill < kills; kill++) {
    await systemClock.sleep(random() * 2 * GAP_MS_MEAN);
    assertAlive();
    const part = LOTS[Math.floor(random() * LOTS.length)]!;
    await strike(part);
    killed[part] = (killed[part] ?? 0) + 1;
  }
  return { killed, stormMs: Math.round(systemClock.monotonicMs() - began) };
}

/** Its group hears of its death before it is started again. */
async function killAndStart(crew: Crew, part: Part, brokers: readonly string[]): Promise<void> {
  const pid = await crew.kill(part);
  if (pid !== null) await expel(brokers, GROUPS[commandOf(part)]!, pid);
  crew.start(part);
}
