/** The name of the world that a feed's prices make. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import type { ConfigProblem, FeedChoice, World } from '@kairos/schema';
import { ConfigError } from '@kairos/schema';

/** A feed by name: `auto` has been resolved to the exchange or the simulator. */
export type ResolvedFeed = Exclude<FeedChoice, { readonly kind: 'auto' }>;

/** Hexadecimal digits of a replay's hash in its world's name. */
const HASH_LENGTH = 16;

/**
 * `EXCHANGE:<id>`, `SIMULATOR`, or `REPLAY:<hash>` of the files' symbols and contents in order: the same prices are the
 * same world, wherever the files lie.
 *
 * @param deps.symbols One per replay file.
 * @throws ConfigError that names every file that cannot be read.
 */
export async function worldOf(feed: ResolvedFeed, deps: { readonly symbols: readonly string[] }): Promise<World> {
  if (feed.kind === 'exchange') return `EXCHANGE:${feed.exchange}`;
  if (feed.kind === 'simulator') return 'SIMULATOR';
  const digests = await Promise.all(feed.files.map(digestOf));
  const problems = digests.filter((digest) => typeof digest !== 'string');
  if (problems.length > 0) throw new ConfigError(problems);
  const lines = digests.map((digest, index) => `${deps.symbols[index] ?? ''} ${digest as string}\n`);
  const hash = createHash('sha256').update(lines.join('')).digest('hex');
  return `REPLAY:${hash.slice(0, HASH_LENGTH)}`;
}

/** SHA-256 of a file's contents, or what is wrong with it. */
async function digestOf(file: string): Promise<string | ConfigProblem> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
    return hash.digest('hex');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const found = code === 'ENOENT' ? 'found none' : message;
    return { variable: 'FEED', message: `expected a file to replay at ${resolve(file)}, ${found}` };
  }
}
