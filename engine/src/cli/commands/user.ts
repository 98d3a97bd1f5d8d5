/** `kairos user …`: who may log in. Everything after `user` goes to the program of the API that keeps them. */
import type { CommandAdder } from '../cli.js';
import { runInForeground } from '../process/node-program.js';

const USER_PROGRAM = '@kairos/api/user-cli';

export const addUser: CommandAdder = (program, cli) => {
  program
    .command('user')
    .description('list, add and change users (kairos user --help)')
    .argument('[args...]')
    .helpOption(false)
    .allowUnknownOption()
    .passThroughOptions()
    .action((args: string[]) => cli.run(() => runInForeground(cli, USER_PROGRAM, { args, env: {} })));
};
