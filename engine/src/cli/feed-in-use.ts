/**
 * The feed that `FEED=auto` came to, kept in DATA_DIR: asked once per start, so that every process and every later
 * command means the same world.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock, Log, ResolvedFeed } from '@kairos/ports';
import type { Config } from '@kairos/schema';
import { VARIABLES } from '@kairos/schema';
import { resolveFeed } from '../feed/resolve.js';

const FILE = 'feed-in-use';

/** Candles per real candle time that `kairos start` gives a simulator without FEED_SPEED. */
export const START_SIMULATOR_SPEED = 60;

/** A feed as FEED names it. */
export function feedText(feed: ResolvedFeed): string {
  if (feed.kind === 'replay') return `replay:${feed.files.join(',')}`;
  return feed.kind === 'exchange' ? feed.exchange : feed.kind;
}

interface Deps {
  readonly clock: Clock;
  readonly log: Log;
}

/** The configuration with its feed by name: what `auto` comes to now is asked and kept. */
export async function withFeedAsked(config: Config, deps: Deps): Promise<Config & { readonly FEED: ResolvedFeed }> {
  const feed = await resolveFeed(config, deps);
  if (config.FEED.kind === 'auto') {
    await mkdir(config.DATA_DIR, { recursive: true });
    await writeFile(join(config.DATA_DIR, FILE), feedText(feed));
  }
  return { ...config, FEED: feed };
}

/** The configuration with its feed by name: what `auto` came to when it was last asked, else what it comes to now. */
export async function withFeedInUse(config: Config, deps: Deps): Promise<Config & { readonly FEED: ResolvedFeed }> {
  if (config.FEED.kind !== 'auto') return { ...config, FEED: config.FEED };
  const kept = await readKept(config.DATA_DIR);
  return kept ? { ...config, FEED: kept } : withFeedAsked(config, deps);
}

/** The feed by name, without asking anybody: null while `auto` has not been asked. */
export async function feedInUse({ FEED, DATA_DIR }: Config): Promise<ResolvedFeed | null> {
  return FEED.kind === 'auto' ? readKept(DATA_DIR) : FEED;
}

async function readKept(dataDir: string): Promise<ResolvedFeed | null> {
  try {
    const feed = VARIABLES.FEED.read(await readFile(join(dataDir, FILE), 'utf8'));
    return feed.kind === 'auto' ? null : feed;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
