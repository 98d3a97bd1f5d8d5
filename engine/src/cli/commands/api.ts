/** `kairos api`: the page and the GraphQL API. */
import type { CommandAdder } from '../cli.js';
import { feedText, withFeedInUse } from '../feed-in-use.js';
import { configOf, logOf } from '../process/open-process.js';
import { runInForeground } from '../process/node-program.js';

export const API_PROGRAM = '@kairos/api/main';

export const addApi: CommandAdder = (program, cli) => {
  program
    .command('api')
    .description('serve the page and the GraphQL API')
    .option('--json', 'log in JSON')
    .action(({ json }: { json?: boolean }) =>
      cli.run(async () => {
        const config = configOf(cli, json ?? false);
        const { FEED } = await withFeedInUse(config, { clock: cli.clock, log: logOf(config, 'api') });
        const format = json ? { LOG_FORMAT: 'json' } : {};
        return runInForeground(cli, API_PROGRAM, { args: [], env: { FEED: feedText(FEED), ...format } });
      }),
    );
};
