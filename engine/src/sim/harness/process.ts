/** One simulated process: the production trader behind a gate, with faulty clients of its own. */
import type { Bus, JournalEntry, Ownership, Service, Store } from '@kairos/ports';
import { createGroupOwnership, isPortError, silentLog } from '@kairos/ports';
import type { BusFaults, StoreFaults } from '@kairos/ports/testing';
import type { Config, World } from '@kairos/schema';
import { TOPICS } from '@kairos/schema';
import type { Engine } from '../../core/engine.js';
import { createEngine } from '../../core/engine.js';
import type { TradingRules } from '../../core/rules.js';
import { createTrader } from '../../run/trader.js';
import type { HeardStep } from '../audit/input.js';
import { stateText } from '../checks/recovered.js';
import type { Gate, OnPoint } from './gate.js';
import { createGate } from './gate.js';
import { gatedBus, gatedClock, gatedStore } from './gated-ports.js';
import type { Place } from './place.js';
import type { Sabotage } from './sabotage.js';
import type { Servers } from './servers.js';

export interface ProcessOptions {
  readonly name: string;
  readonly config: Config;
  readonly world: World;
  readonly busFaults: BusFaults;
  readonly storeFaults: StoreFaults;
  readonly skewMs: () => number;
  readonly workMs: number;
  /** The one place to trade from; null where the traders form a group. */
  readonly place: Place | null;
  readonly sabotage: Sabotage;
  /** What the simulation makes of the rules of the house. */
  readonly rulesOf: (rules: TradingRules) => TradingRules;
  readonly onPoint?: OnPoint | undefined;
}

/** What an entry stands for: the steps since the one before, or the state that its owner has loaded. */
export interface Behind {
  readonly steps: readonly HeardStep[];
  readonly loaded: string | null;
}

export interface SimProcess {
  readonly name: string;
  readonly gate: Gate;
  /** Keys of dead letters that it has begun to write. */
  readonly lettersBegun: ReadonlySet<string>;
  /** Ends it in good order. */
  stop(): Promise<void>;
  /** What stands behind an entry of its own. */
  behind(entry: JournalEntry): Behind | undefined;
  /** Whether an entry of its own has become durable. */
  hasTakenOver(): boolean;
  /** Why it has ended; null while it runs. `isExpected`: it is to be started again, and no more. */
  ended(): { readonly error: unknown; readonly isExpected: boolean } | null;
}

/** Starts it. */
export function startProcess(servers: Servers, options: ProcessOptions): SimProcess {
  const { name, config, world } = options;
  const { bus, store } = connect(servers, options);
  const tap = createTap(options);
  let end: ReturnType<SimProcess['ended']> = null;
  const gate = createGate({
    onPoint: options.onPoint,
    onKilled() {
      end ??= { error: null, isExpected: true };
      options.place?.free(name);
      void store.close();
      void bus.close();
    },
  });
  const clock = gatedClock(servers.clock, gate, options);
  const lettersBegun = new Set<string>();
  const gated = noting(gatedBus(bus, gate), lettersBegun);
  const ownership: Ownership =
    options.place?.ownershipOf(name, clock, () => gate.isDead) ?? createGroupOwnership({ bus: gated }, store.shards);
  const journalStore = gatedStore(store, gate, tap.onAppend);
  const trader: Service = createTrader(
    { bus: gated, store: journalStore, ownership, clock, log: silentLog, createEngine: tap.createEngine },
    { config, world, instance: name },
  );
  const note = (error: unknown): void => {
    end ??= { error, isExpected: error === null || isRestartable(error) };
    options.place?.free(name);
  };
  void trader
    .start()
    .then(() => trader.ended)
    .then(() => note(null), note);
  return {
    name,
    gate,
    lettersBegun,
    stop: () => trader.stop(),
    behind: tap.behind,
    hasTakenOver: tap.hasTakenOver,
    ended: () => end,
  };
}

function noting(bus: Bus, lettersBegun: Set<string>): Bus {
  return {
    ...bus,
    publish(topic, records) {
      if (topic === TOPICS.deadLetter) for (const { key } of records) lettersBegun.add(key ?? '');
      return bus.publish(topic, records);
    },
  };
}

function connect(servers: Servers, { busFaults, storeFaults, sabotage }: ProcessOptions): { bus: Bus; store: Store } {
  const bus = servers.bus.connect(busFaults);
  const store = servers.store.connect(storeFaults);
  return { bus: sabotage.bus?.(bus) ?? bus, store: sabotage.store?.(store) ?? store };
}

/** What ends a process in the ordinary course of things: whoever started it starts it again. */
const isRestartable = (error: unknown): boolean =>
  isPortError(error) && (error.isRetriable || error.code === 'FENCED' || error.code === 'STUCK');

/** Listens in on the cores of a process. */
function createTap({ sabotage, rulesOf }: ProcessOptions) {
  const known = new WeakMap<JournalEntry, Behind>();
  const shards = new Map<Engine['state'], { steps: HeardStep[]; loaded: string | null }>();
  let hasTakenOver = false;
  let newest: { steps: HeardStep[]; loaded: string | null } = { steps: [], loaded: null };

  const listen = (engine: Engine): Engine => {
    const heard = { steps: [] as HeardStep[], loaded: stateText(engine.state) as string | null };
    shards.set(engine.state, heard);
    return {
      ...engine,
      step(input) {
        const result = engine.step(input);
        const { events, invalid, isPartial } = result;
        heard.steps.push({ input, events, isInvalid: invalid !== null, isPartial });
        return result;
      },
      takeChanges() {
        newest = heard;
        return engine.takeChanges();
      },
    };
  };

  return {
    createEngine: ((state, rules) => {
      const engine = createEngine(state, rulesOf(rules));
      return listen(sabotage.engine?.(engine, rulesOf(rules)) ?? engine);
    }) as typeof createEngine,
    /** The entry has just been made of what its core was asked last. */
    onAppend(entry: JournalEntry) {
      if (known.has(entry)) return;
      known.set(entry, { steps: newest.steps.splice(0), loaded: newest.loaded });
      newest.loaded = null;
    },
    behind(entry: JournalEntry) {
      hasTakenOver = true;
      return known.get(entry);
    },
    hasTakenOver: () => hasTakenOver,
  };
}
