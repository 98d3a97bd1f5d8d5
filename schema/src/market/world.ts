import { ValueError } from '../value/errors.js';

/** What prices come from. */
export const FEED_KINDS = ['EXCHANGE', 'REPLAY', 'SIMULATOR'] as const;
export type FeedKind = (typeof FEED_KINDS)[number];

/** A world's name: `EXCHANGE:binance`, `REPLAY:<hash>`, `SIMULATOR`. Books of different worlds never mix. */
export type World = string;

/** @throws ValueError when the name is not that of a world. */
export function feedKindOf(world: World): FeedKind {
  const kind = FEED_KINDS.find((candidate) => world === candidate || world.startsWith(`${candidate}:`));
  if (!kind) throw new ValueError('a world such as EXCHANGE:binance, REPLAY:<hash> or SIMULATOR', world);
  return kind;
}

/** In REPLAY and SIMULATOR prices and the predictor's signals are taken in lock-step, and now is the highest `at` taken. */
export const isLockStep = (world: World): boolean => feedKindOf(world) !== 'EXCHANGE';

/** `world` as a folder or consumer-group name. */
export const worldSlug = (world: World): string => world.toLowerCase().replace(/[^a-z0-9]+/g, '-');
