/** `npm start`: installs and builds what is missing or stale, then runs everything (`kairos start`). */
import { pathToFileURL } from 'node:url';
import { ensureBuilt } from './lib/build.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { requireNode } from './lib/node-version.mjs';
import { ROOT } from './lib/root.mjs';

requireNode();
await ensureInstalled();
await ensureBuilt();

const cli = `${ROOT}/engine/bin/kairos.mjs`;
process.argv = [process.execPath, cli, 'start', ...process.argv.slice(2)];
await import(pathToFileURL(cli).href);
