/** `npm run sim`: installs and builds what is missing or stale, then runs the simulator. Arguments: see docs/reference/simulation.md. */
import { pathToFileURL } from 'node:url';
import { ensureBuilt } from './lib/build.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { requireNode } from './lib/node-version.mjs';
import { ROOT } from './lib/root.mjs';

requireNode();
await ensureInstalled();
await ensureBuilt();

const { runSim } = await import(pathToFileURL(`${ROOT}/engine/dist/sim/cli/main.js`).href);
process.exitCode = await runSim(process.argv.slice(2), { out: console.log, error: console.error });
