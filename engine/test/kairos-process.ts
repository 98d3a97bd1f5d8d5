/** `kairos` from source, as a process of its own: `<command> [options]`. */
import '../bin/end-while-loading.mjs';

const { runCli } = await import('../src/cli/main.js');
process.exit(await runCli(process.argv.slice(2)));
