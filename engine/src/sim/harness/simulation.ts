/** A world of one seed, put together: servers, traders, those who publish, and the overseer. */
import type { Store } from '@kairos/ports';
import type { Config, Instant } from '@kairos/schema';
import { isLockStep, parseInstant, readConfig, TOPICS } from '@kairos/schema';
import { createMemoryLocks } from '@kairos/ports/testing';
import { rulesOf } from '../../run/trader.js';
import { widen } from '../audit/figures.js';
import type { Draw } from '../draw.js';
import { createDraw } from '../draw.js';
import type { History } from '../history.js';
import { createHistory, entryText } from '../history.js';
import type { Swarm } from '../swarm.js';
import { Violation } from '../violation.js';
import type { CommandSource } from '../workload/commands.js';
import { createCommandSource } from '../workload/commands.js';
import type { Ledger } from '../workload/ledger.js';
import { createLedger } from '../workload/ledger.js';
import { createMarket } from '../workload/market.js';
import type { PriceFeed } from '../workload/prices.js';
import { createExchangeFeed, createLockStepFeed } from '../workload/prices.js';
import type { Publisher } from '../workload/publisher.js';
import { createPublisher } from '../workload/publisher.js';
import type { SignalSource } from '../workload/signals.js';
import { createSignalSource } from '../workload/signals.js';
import type { Crew } from './crew.js';
import { createCrew } from './crew.js';
import type { OnPoint } from './gate.js';
import { createGhostLetters } from './ghosts.js';
import type { Overseer } from './overseer.js';
import { createOverseer } from './overseer.js';
import { createPlace } from './place.js';
import type { Sabotage } from './sabotage.js';
import type { Servers } from './servers.js';
import { createServers } from './servers.js';
import { venueOf } from './venue.js';

export interface Simulation {
  readonly swarm: Swarm;
  readonly servers: Servers;
  readonly crew: Crew;
  readonly overseer: Overseer;
  readonly history: History;
  readonly ledger: Ledger;
  readonly publisher: Publisher;
  readonly feed: PriceFeed;
  readonly signals: SignalSource;
  readonly commands: CommandSource;
  /** What happens next is drawn from it. */
  readonly draw: Draw;
  /** A store that does not fail. */
  readonly store: Store;
  note(text: string): void;
  /** Sets the wall clock of every machine. */
  jump(ms: number): void;
  /** How far the clock has been set back in all. */
  setBackMs(): number;
  /** Lets time pass. @throws what the overseer has found */
  advance(ms: number): Promise<void>;
}

export interface SimulationHooks {
  readonly sabotage?: Sabotage | undefined;
  readonly onPoint?: OnPoint | undefined;
}

/** Of lock-step worlds so many have a predictor: without one the trader waits for half a minute, which takes long to run. */
const PREDICTED = 0.96;

const START = parseInstant('2024-08-01T21:00:00Z');

export function createSimulation(swarm: Swarm, hooks: SimulationHooks = {}): Simulation {
  const { sabotage = {}, onPoint } = hooks;
  const draw = createDraw(swarm.seed, 1);
  const history = createHistory();
  const ledger = createLedger();
  const config = configOf(swarm);
  const ghosts = createGhostLetters(() => crew.all, swarm.shards > 1);
  const servers: Servers = createServers({
    start: START,
    partitions: swarm.partitions,
    shards: swarm.shards,
    recordsMax: swarm.recordsMax,
    onEntry(entry) {
      note(entryText(entry));
      overseer.onEntry(entry);
    },
    onRecords(records) {
      for (const record of records) {
        if (record.topic === TOPICS.health) continue;
        note(`record ${record.topic}:${record.partition}:${record.offset} ${record.key ?? ''}`);
        publisher.onAppend(record);
        overseer.onRecord(record);
      }
    },
  });
  const note = (text: string): void => history.note(servers.clock.monotonicMs(), text);
  const api = servers.bus.connect();
  const store = sabotage.answers?.(servers.store.connect()) ?? servers.store.connect();
  const publisher = createPublisher(() => api, ledger);
  const watch = watchSpinning(servers, (error) => overseer.fail(error), onPoint);
  const place = swarm.shards > 1 ? null : createPlace(createMemoryLocks(), swarm.shards);
  const processDraw = createDraw(swarm.seed, 2);
  const world = swarm.world;
  const crew: Crew = createCrew({
    servers,
    draw: processDraw,
    swarm,
    config,
    world,
    place,
    sabotage,
    note,
    onPoint: watch,
  });
  const overseer: Overseer = createOverseer({
    ...overseerOptions(swarm, config),
    heard: sabotage.heard ?? ((entry) => entry),
    ledger,
    store,
    behind: (entry) => crew.all.find(({ name }) => name === entry.owner)?.behind(entry),
    copiesAllowed: ghosts.copiesAllowed,
  });
  const sources = createSources(swarm, { servers, publisher, ledger, store });
  let behindMs = 0;
  return {
    jump(ms) {
      behindMs = Math.max(0, behindMs - ms);
      servers.clock.jump(ms);
    },
    setBackMs: () => behindMs,
    ...{ swarm, servers, crew, overseer, history, ledger, publisher, draw, store, note, ...sources },
    async advance(ms) {
      await servers.clock.advance(ms);
      ghosts.look();
      overseer.check();
    },
  };
}

/** Points that may be passed at one simulated moment. */
const POINTS_AT_ONCE_MAX = 5_000;

/** Kills a process that goes round and round without letting time pass. */
function watchSpinning({ clock }: Servers, fail: (error: Error) => void, onPoint: OnPoint | undefined): OnPoint {
  let at = -1;
  let points = 0;
  return (point) => {
    if (clock.monotonicMs() !== at) points = 0;
    at = clock.monotonicMs();
    points += 1;
    if (points > POINTS_AT_ONCE_MAX) fail(new Violation('spins', 'time to pass', `${points} port calls at once`));
    return points > POINTS_AT_ONCE_MAX || (onPoint?.(point) ?? false);
  };
}

function configOf({ symbols, secret }: Swarm): Config {
  return readConfig({
    FEED: 'simulator',
    SYMBOLS: symbols.join(','),
    ...(secret === null ? {} : { COMMAND_SECRET: secret }),
  });
}

function overseerOptions(swarm: Swarm, config: Config) {
  const { world, shards, recordsMax } = swarm;
  const rules = rulesOf(config, () => true);
  return {
    world,
    shards,
    recordsMax,
    defaults: rules.defaultSettings,
    house: {
      signalAgeMaxMs: config.MAX_SIGNAL_AGE_SECONDS * 1_000,
      band: widen(config.PRICE_BAND),
      commandAgeMaxMs: config.COMMAND_MAX_AGE_SECONDS * 1_000,
      requiresSignature: config.COMMAND_SECRET !== null,
      refuses: venueOf(swarm),
    },
  };
}

function createSources(
  swarm: Swarm,
  deps: { servers: Servers; publisher: Publisher; ledger: Ledger; store: Store },
): { feed: PriceFeed; signals: SignalSource; commands: CommandSource } {
  const { publisher, ledger, store, servers } = deps;
  const draw = createDraw(swarm.seed, 3);
  const market = createMarket(draw, swarm.swing);
  const now = (): Instant => servers.clock.now();
  const { symbols, partitions } = swarm;
  const feed = isLockStep(swarm.world)
    ? createLockStepFeed(
        { draw, market, publisher, now },
        { symbols, start: START, hasPredictor: draw.chance(PREDICTED) },
      )
    : createExchangeFeed({ draw, market, publisher, now }, symbols);
  const { worldTime } = feed;
  const { world, secret, accountsMax } = swarm;
  const outlivesMemory = isLockStep(world) && swarm.weights.has('leap');
  const signals = createSignalSource({
    ...{ draw, market, publisher, now, worldTime, outlivesMemory, symbols, partitions },
  });
  const commands = createCommandSource({
    ...{ draw, publisher, ledger, now, world, secret, accountsMax, symbols },
    bought: () => signals.bought,
    store: () => store,
  });
  return { feed, signals, commands };
}
