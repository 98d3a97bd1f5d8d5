import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { cached, cacheFolder, digestOf } from './cache.mjs';

let cache;
beforeEach(() => (cache = mkdtempSync(join(tmpdir(), 'kairos-cache-'))));
afterEach(() => rmSync(cache, { recursive: true }));

/** Fills a folder with two files, and counts how often. */
function filler() {
  const fill = async (draft) => {
    fill.times++;
    mkdirSync(join(draft, 'sub'));
    writeFileSync(join(draft, 'a'), 'one');
    writeFileSync(join(draft, 'sub', 'b'), 'two');
  };
  fill.times = 0;
  return fill;
}

it('fills a folder once', async () => {
  const fill = filler();
  expect(await cached(cache, 'thing', fill)).toBe(join(cache, 'thing'));
  await cached(cache, 'thing', fill);
  expect(fill.times).toBe(1);
  expect(readFileSync(join(cache, 'thing', 'sub', 'b'), 'utf8')).toBe('two');
});

it.each([
  ['a file is missing', (folder) => rmSync(join(folder, 'a'))],
  ['a file is cut short', (folder) => truncateSync(join(folder, 'sub', 'b'), 1)],
  ['its list of files is missing', (folder) => rmSync(join(folder, 'manifest.json'))],
  ['its list of files is torn', (folder) => truncateSync(join(folder, 'manifest.json'), 5)],
])('fills it anew when %s', async (_name, damage) => {
  const fill = filler();
  damage(await cached(cache, 'thing', fill));
  await cached(cache, 'thing', fill);
  expect(fill.times).toBe(2);
  expect(readFileSync(join(cache, 'thing', 'sub', 'b'), 'utf8')).toBe('two');
});

it('keeps nothing of an attempt that failed', async () => {
  const fill = async (draft) => {
    writeFileSync(join(draft, 'a'), 'half');
    throw new Error('cut off');
  };
  await expect(cached(cache, 'thing', fill)).rejects.toThrow('cut off');
  expect(readdirSync(cache)).toEqual([]);
});

it('gives both the same when two fill it at once', async () => {
  const [one, two] = await Promise.all([cached(cache, 'thing', filler()), cached(cache, 'thing', filler())]);
  expect(one).toBe(two);
  expect(readdirSync(cache)).toEqual(['thing']);
});

it('clears away drafts of long ago, and leaves those that may still be worked on', async () => {
  const [old, young] = ['.draft-old', '.draft-young'].map((name) => join(cache, name));
  mkdirSync(old);
  mkdirSync(young);
  utimesSync(old, new Date(0), new Date(0));
  await cached(cache, 'thing', filler());
  expect(existsSync(old)).toBe(false);
  expect(existsSync(young)).toBe(true);
});

it('a digest changes with a name and with a byte', async () => {
  const digests = [];
  for (const [name, text] of [
    ['a', 'one'],
    ['b', 'one'],
    ['b', 'two'],
  ]) {
    const folder = mkdtempSync(join(cache, 'digest-'));
    writeFileSync(join(folder, name), text);
    digests.push(await digestOf(folder));
  }
  expect(new Set(digests).size).toBe(3);
});

it('lies where KAIROS_SERVERS_CACHE says, by default inside the checkout', () => {
  expect(cacheFolder({ KAIROS_SERVERS_CACHE: '/elsewhere' })).toBe('/elsewhere');
  expect(cacheFolder({})).toMatch(/[\\/]\.cache[\\/]servers$/);
});
