/**
 * `kairos` from source in a few files, for tests that start it hundreds of times: a start from there takes half of what one
 * from source does.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { ROOT } from '../lib/root.mjs';

/** What is bundled; the rest has parts of its own that it looks for on the disk. */
const BUNDLED = /^(?:[./]|@kairos\/(?:schema|ports)$|(?:zod|mongodb|bson|commander|pino)(?:$|\/))/;

/** @returns `{ file, remove }`: the program, and what takes it away again */
export async function bundleProgram() {
  const cache = join(ROOT, '.cache');
  await mkdir(cache, { recursive: true });
  // Within the checkout: what is not bundled is looked for from there.
  const folder = await mkdtemp(join(cache, 'kairos-program-'));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    return { file: await bundleInto(folder), remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function bundleInto(folder) {
  const bundle = await rolldown({
    input: join(ROOT, 'engine/test/kairos-process.ts'),
    platform: 'node',
    resolve: { conditionNames: ['source', 'import', 'node', 'default'] },
    external: (id, _importer, isResolved) => !isResolved && !BUNDLED.test(id),
  });
  await bundle.write({ dir: folder, format: 'esm' });
  await bundle.close();
  return join(folder, 'kairos-process.js');
}
