/**
 * What a seed makes of a world: how large it is, which kinds of work and which kinds of faults there are and how often.
 * Every kind is off in a part of the seeds: what is rare beside everything else is common where it is alone.
 */
import type { World } from '@kairos/schema';
import type { BusFaultRates, StoreFault } from '@kairos/ports/testing';
import { createDraw } from './draw.js';
import type { Draw } from './draw.js';

export const WORK = [
  'prices',
  'predictions',
  'signal',
  'repeat',
  'oldSignal',
  'conflict',
  'reusedId',
  'poison',
  'openAccount',
  'stop',
  'pause',
  'resume',
  'settings',
  'close',
  'forged',
  'oldCommand',
  'storedCommand',
  'instruments',
  'leap',
] as const;
export const TROUBLE = [
  'kill',
  'killSoon',
  'restart',
  'freeze',
  'thaw',
  'storeDown',
  'storeUp',
  'busDown',
  'busUp',
  'jump',
] as const;
export type Work = (typeof WORK)[number];
export type Trouble = (typeof TROUBLE)[number];

export interface Swarm {
  readonly seed: number;
  readonly world: World;
  readonly partitions: number;
  readonly shards: number;
  /** Traders that are to run. */
  readonly traders: number;
  readonly symbols: readonly string[];
  readonly accountsMax: number;
  /** COMMAND_SECRET. */
  readonly secret: string | null;
  readonly actions: number;
  /** Simulated time between two actions, at the most. */
  readonly gapMsMax: number;
  /** How long a look at the time takes a process. */
  readonly workMs: number;
  /** Records of prices and signals that a partition keeps. */
  readonly recordsMax: number;
  /** A symbol moves by this share of its price from one price to the next, at the most. */
  readonly swing: number;
  readonly weights: ReadonlyMap<Work | Trouble, number>;
  readonly busRates: Partial<BusFaultRates>;
  readonly storeRate: number;
  readonly storeKinds: readonly StoreFault['kind'][];
  readonly skewMsMax: number;
  /** How often the venue refuses an order. */
  readonly venueRate: number;
  /** Events after which a step ends before the next account; null = as in production. */
  readonly stepEventsMax: number | null;
}

const SYMBOLS = ['BTCUSDT', 'ETHUSDT', 'SOLUSDT'] as const;
const PLENTY = 1_000_000;

/** What a seed stands for. */
export function drawSwarm(seed: number): Swarm {
  const draw = createDraw(seed, 0);
  const world = draw.chance(0.6) ? 'EXCHANGE:sim' : draw.pick(['REPLAY:sim', 'SIMULATOR']);
  const shards = draw.chance(0.2) ? draw.int(2, 3) : 1;
  const isCalm = draw.chance(0.1);
  return {
    seed,
    world,
    partitions: shards > 1 ? shards : draw.int(1, 3),
    shards,
    traders: shards > 1 ? draw.int(1, 2) : draw.pick([1, 1, 1, 2]),
    symbols: SYMBOLS.slice(0, draw.int(1, 3)),
    accountsMax: draw.int(1, 4),
    secret: draw.chance(0.3) ? 'a secret that this simulation alone knows' : null,
    actions: draw.chance(0.85) ? draw.int(5, 16) : draw.int(16, 45),
    gapMsMax: draw.pick([40, 150, 500]),
    workMs: draw.chance(0.3) ? draw.int(1, 9) : 0,
    recordsMax: world.startsWith('EXCHANGE') && draw.chance(0.15) ? draw.int(2, 8) : PLENTY,
    swing: draw.pick([0.002, 0.02, 0.08]),
    weights: drawWeights(draw, isCalm),
    busRates: isCalm ? {} : drawBusRates(draw),
    storeRate: isCalm || draw.chance(0.5) ? 0 : draw.pick([0.02, 0.1, 0.3]),
    storeKinds: (['before', 'after', 'slow', 'full'] as const).filter(() => draw.chance(0.6)),
    venueRate: draw.chance(0.8) ? 0 : draw.pick([0.1, 0.5]),
    stepEventsMax: draw.chance(0.7) ? null : draw.int(1, 3),
    skewMsMax: isCalm || draw.chance(0.7) ? 0 : draw.pick([500, 4_000]),
  };
}

/** Work that no world is without. */
const ALWAYS: readonly Work[] = ['prices', 'predictions', 'signal', 'openAccount'];

function drawWeights(draw: Draw, isCalm: boolean): Swarm['weights'] {
  const weights = new Map<Work | Trouble, number>();
  for (const work of WORK) {
    const isOn = ALWAYS.includes(work) || draw.chance(0.4);
    if (isOn) weights.set(work, draw.pick([1, 2, 4, 8]) * (ALWAYS.includes(work) ? 2 : 1));
  }
  if (isCalm) return weights;
  for (const trouble of TROUBLE) if (draw.chance(0.35)) weights.set(trouble, draw.pick([1, 2, 4]));
  return weights;
}

function drawBusRates(draw: Draw): Partial<BusFaultRates> {
  if (draw.chance(0.5)) return {};
  const rate = (): number => (draw.chance(0.4) ? draw.pick([0.03, 0.1, 0.3]) : 0);
  return {
    publishFailsBefore: rate(),
    publishFailsAfter: rate(),
    publishFull: rate(),
    pollFails: rate(),
    pollRepeats: rate(),
    commitFailsBefore: rate(),
    delays: rate(),
    delayMsMax: 400,
  };
}
