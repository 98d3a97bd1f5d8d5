/** `kairos` from source, as a process of its own: `<command> [options]`. */
import { runCli } from '../src/cli/main.js';

process.exit(await runCli(process.argv.slice(2)));
