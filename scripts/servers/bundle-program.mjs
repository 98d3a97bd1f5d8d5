/**
 * Before the tests on real servers: `kairos` from source in a few files, as tests start it hundreds of times. A start from
 * there takes half of what one from source does. TEST_KAIROS_PROGRAM says where it is; it is gone afterwards.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { ROOT } from '../lib/root.mjs';

/** What is bundled; the rest has parts of its own that it looks for on the disk. */
const BUNDLED = /^(?:[./]|@kairos\/(?:schema|ports)$|(?:zod|mongodb|bson|commander|pino)(?:$|\/))/;

export default async function bundleProgram() {
  const cache = join(ROOT, '.cache');
  await mkdir(cache, { recursive: true });
  // Within the checkout: what is not bundled is looked for from there.
  const folder = await mkdtemp(join(cache, 'kairos-program-'));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    process.env.TEST_KAIROS_PROGRAM = await bundleInto(folder);
  } catch (error) {
    await remove();
    throw error;
  }
  return remove;
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
