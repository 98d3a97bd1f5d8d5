/** `npm run test:browser`: installs and builds what is missing, then runs the browser journeys of web/e2e in Chromium. */
import { existsSync } from 'node:fs';
import { ensureBuilt } from './lib/build.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { requireNode } from './lib/node-version.mjs';
import { binOf, run } from './lib/run.mjs';

const chromium = process.env.CHROMIUM ?? '/usr/bin/chromium';

requireNode();
if (!existsSync(chromium)) {
  console.error(
    `The browser journeys need Chromium at ${chromium}. Install it (Debian: apt-get install chromium) or set CHROMIUM.`,
  );
  process.exit(1);
}
await ensureInstalled();
await ensureBuilt();
process.exitCode = await run(
  process.execPath,
  [binOf('vitest/vitest.mjs'), 'run', '--config', 'web/e2e/vitest.config.ts', ...process.argv.slice(2)],
  { CHROMIUM: chromium },
);
