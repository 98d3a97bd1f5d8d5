#!/usr/bin/env node
/** The `kairos` command: reads `.env` of the folder it is started in, then runs what was built. */
import './end-while-loading.mjs';
import { existsSync } from 'node:fs';

if (existsSync('.env')) process.loadEnvFile('.env');

const built = new URL('../dist/cli/main.js', import.meta.url);
if (!existsSync(built)) {
  console.error('Kairos has not been built yet. Run: npm run build');
  process.exit(1);
}
const { runCli } = await import(built.href);
process.exit(await runCli(process.argv.slice(2)));
