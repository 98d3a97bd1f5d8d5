/** Runs the benchmarks named on the command line, or all of them, on the built workspaces: `npm run bench -- step`. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const all = readdirSync(here)
  .filter((name) => name.endsWith('.bench.mjs'))
  .map((name) => name.slice(0, -'.bench.mjs'.length));
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !all.includes(name));

if (unknown.length > 0) {
  console.error(`expected benchmarks among ${all.join(', ')}, found ${unknown.join(', ')}`);
  process.exit(2);
}
if (!existsSync(join(here, '../engine/dist/core/engine.js'))) {
  console.error('expected the workspaces built, found no engine/dist: run npm run build first');
  process.exit(2);
}

let failed = 0;
for (const name of wanted.length > 0 ? wanted : all) {
  console.log(`\n# ${name}`);
  const { status } = spawnSync(process.execPath, ['--expose-gc', join(here, `${name}.bench.mjs`)], {
    stdio: 'inherit',
  });
  if (status !== 0) failed += 1;
}
process.exit(failed === 0 ? 0 : 1);
