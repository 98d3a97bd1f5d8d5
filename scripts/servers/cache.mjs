/**
 * Folders of fetched files. One is made whole under another name and then renamed, so that whoever is interrupted
 * leaves nothing that looks finished, and of two who fetch at once both get the same. Every file's size is written
 * down; a folder that has lost or changed one is fetched again.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ROOT } from '../lib/root.mjs';

const MANIFEST = 'manifest.json';
/** A draft this old belongs to nobody any more. */
const DRAFT_AGE_MS_MAX = 60 * 60_000;
const DRAFT = '.draft-';

/** Where fetched servers lie: KAIROS_SERVERS_CACHE, by default inside the checkout where git does not look. */
export const cacheFolder = (env = process.env) => env.KAIROS_SERVERS_CACHE || join(ROOT, '.cache', 'servers');

/**
 * The folder `name` of the cache, made by `fill(draft)` where it is missing or damaged. What `fill` throws is thrown
 * on, and leaves the cache as it was.
 */
export async function cached(cache, name, fill) {
  const folder = join(cache, name);
  if (await isWhole(folder)) return folder;
  await mkdir(cache, { recursive: true });
  await removeOldDrafts(cache);
  const draft = await mkdtemp(join(cache, DRAFT));
  try {
    await fill(draft);
    await writeFile(join(draft, MANIFEST), JSON.stringify(await sizesIn(draft)));
    await moveInto(draft, folder);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return folder;
}

/** Puts the draft in its place, unless another process has just put a whole one there. */
async function moveInto(draft, folder) {
  if (await isWhole(folder)) return;
  await rm(folder, { recursive: true, force: true });
  try {
    await rename(draft, folder);
  } catch (error) {
    if (!(await isWhole(folder))) throw error;
  }
}

async function isWhole(folder) {
  try {
    const sizes = Object.entries(JSON.parse(await readFile(join(folder, MANIFEST), 'utf8')));
    const found = await Promise.all(sizes.map(async ([path]) => (await stat(join(folder, path))).size));
    return sizes.every(([, size], index) => found[index] === size);
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR' || error instanceof SyntaxError) return false;
    throw error;
  }
}

async function sizesIn(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, path, name }) => join(parentPath ?? path, name));
  return Object.fromEntries(
    await Promise.all(files.map(async (file) => [file.slice(folder.length + 1), (await stat(file)).size])),
  );
}

async function removeOldDrafts(cache) {
  for (const name of await readdir(cache)) {
    if (!name.startsWith(DRAFT)) continue;
    const draft = join(cache, name);
    const { mtimeMs } = await stat(draft);
    if (Date.now() - mtimeMs > DRAFT_AGE_MS_MAX) await rm(draft, { recursive: true, force: true });
  }
}

/** Hex SHA-256 of a file. */
export async function sha256Of(file) {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

/** One hex SHA-256 over names and bytes of all files of a folder. */
export async function digestOf(folder) {
  const names = (await readdir(folder)).sort();
  const hash = createHash('sha256');
  for (const name of names) hash.update(`${await sha256Of(join(folder, name))}  ${name}\n`);
  return hash.digest('hex');
}
