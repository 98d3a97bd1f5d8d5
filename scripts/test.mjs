/** `npm test`: installs what is missing, then runs every test that needs no server. Arguments go to vitest. */
import { ensureInstalled } from './lib/install.mjs';
import { requireNode } from './lib/node-version.mjs';
import { binOf, run } from './lib/run.mjs';

requireNode();
await ensureInstalled();
process.exitCode = await run(process.execPath, [binOf('vitest/vitest.mjs'), 'run', ...process.argv.slice(2)]);
