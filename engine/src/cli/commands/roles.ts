/** `kairos feed`, `predict`, `trade`, and `engine`: these three in one process. */
import type { CommandAdder } from '../cli.js';
import type { RolesOptions } from '../process/run-roles.js';

type RoleCommand = Pick<RolesOptions, 'name' | 'roles'> & { readonly description: string };

const ROLE_COMMANDS: readonly RoleCommand[] = [
  { name: 'feed', description: 'publish prices', roles: ['feed'] },
  { name: 'predict', description: 'read prices, publish signals', roles: ['predictor'] },
  { name: 'trade', description: 'read prices, signals and commands; trade', roles: ['trader'] },
  { name: 'engine', description: 'feed, predict and trade in one process', roles: ['trader', 'predictor', 'feed'] },
];

export const addRoles: CommandAdder = (program, cli) => {
  for (const { name, roles, description } of ROLE_COMMANDS) {
    program
      .command(name)
      .description(description)
      .option('--json', 'log in JSON')
      .action(({ json }: { json?: boolean }) =>
        cli.run(async () => {
          const { runRoles } = await import('../process/run-roles.js');
          return runRoles(cli, { name, roles, isJson: json ?? false });
        }),
      );
  }
};
