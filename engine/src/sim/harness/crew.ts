/** Keeps as many traders running as there are to be: what ends is started again a little later, as by a supervisor. */
import type { BusFaults, StoreFaults } from '@kairos/ports/testing';
import { createBusFaults } from '@kairos/ports/testing';
import type { Config, World } from '@kairos/schema';
import type { TradingRules } from '../../core/rules.js';
import type { Draw } from '../draw.js';
import type { Swarm } from '../swarm.js';
import { Violation } from '../violation.js';
import type { OnPoint } from './gate.js';
import type { Place } from './place.js';
import type { SimProcess } from './process.js';
import { startProcess } from './process.js';
import { simulatedRules } from './venue.js';
import type { Sabotage } from './sabotage.js';
import type { Servers } from './servers.js';

export interface CrewDeps {
  readonly servers: Servers;
  readonly draw: Draw;
  readonly swarm: Swarm;
  readonly config: Config;
  readonly world: World;
  readonly place: Place | null;
  readonly sabotage: Sabotage;
  readonly note: (text: string) => void;
  readonly onPoint?: OnPoint | undefined;
}

export interface Crew {
  /** Every process that ever was. */
  readonly all: readonly SimProcess[];
  /** Those that have not ended. */
  living(): readonly SimProcess[];
  /** Starts what is missing. `isPatient`: a little later. @throws Violation of `alive` when one has ended unexpectedly */
  tend(isPatient: boolean): void;
  /** Takes the place from one that hangs, so that another can have it. */
  giveUpOn(process: SimProcess): void;
  setBusDown(isDown: boolean): void;
  /** No client fails any more. */
  heal(): void;
}

const RESTART_MS_MAX = 1_500;

export function createCrew(deps: CrewDeps): Crew {
  const { servers, draw, swarm, place, note } = deps;
  const all: SimProcess[] = [];
  const clients: BusFaults[] = [];
  const reported = new Set<SimProcess>();
  const abandoned = new Set<SimProcess>();
  let isBusDown = false;
  let isHealed = false;
  let startAt = 0;

  const storeFaults: StoreFaults = () => {
    if (isHealed || swarm.storeKinds.length === 0 || !draw.chance(swarm.storeRate)) return null;
    const kind = draw.pick(swarm.storeKinds);
    return kind === 'slow' ? { kind, ms: draw.int(1, 3_000) } : { kind };
  };

  const start = (): void => {
    const busFaults = createBusFaults(draw.random, isHealed ? {} : swarm.busRates);
    busFaults.down(isBusDown);
    clients.push(busFaults);
    const skew = draw.int(-swarm.skewMsMax, swarm.skewMsMax);
    const name = `t${all.length + 1}`;
    note(`start ${name}${skew === 0 ? '' : `, its clock ${skew} ms off`}`);
    const { config, world, sabotage, onPoint } = deps;
    const rulesOf = (rules: TradingRules): TradingRules => simulatedRules(rules, swarm);
    const options = { name, config, world, place, sabotage, onPoint, rulesOf, workMs: swarm.workMs };
    all.push(startProcess(servers, { ...options, busFaults, storeFaults, skewMs: () => skew }));
  };

  const living = (): SimProcess[] => all.filter((process) => process.ended() === null);

  const reportEnded = (): void => {
    for (const process of all) {
      const end = process.ended();
      if (!end || reported.has(process)) continue;
      reported.add(process);
      note(`${process.name} has ended${end.error ? `: ${String(end.error)}` : ''}`);
      if (!end.isExpected) throw new Violation('alive', `${process.name} to go on`, stackOf(end.error));
    }
  };

  return {
    all,
    living,
    tend(isPatient) {
      const before = reported.size;
      reportEnded();
      if (reported.size > before && isPatient) startAt = servers.clock.monotonicMs() + draw.int(0, RESTART_MS_MAX);
      if (isPatient && servers.clock.monotonicMs() < startAt) return;
      const counted = living().filter((process) => !abandoned.has(process)).length;
      for (let missing = swarm.traders - counted; missing > 0; missing--) start();
    },
    giveUpOn(process) {
      abandoned.add(process);
      place?.free(process.name);
    },
    setBusDown(isDown) {
      isBusDown = isDown;
      for (const client of clients) client.down(isDown);
    },
    heal() {
      isHealed = true;
      isBusDown = false;
      for (const client of clients) client.clear();
    },
  };
}

const stackOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));
