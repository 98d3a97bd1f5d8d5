/** `kairos doctor`: looks at everything that Kairos stands on and says what is wrong and what to do; changes nothing. */
import { openBusSurvey, openStoreSurvey, worldOf } from '@kairos/ports';
import type { Config } from '@kairos/schema';
import { ConfigError } from '@kairos/schema';
import { Option } from 'commander';
import type { Cli, CommandAdder } from '../cli.js';
import { EXIT } from '../cli.js';
import { buildCheck } from '../doctor/checks/build.js';
import { configurationCheck } from '../doctor/checks/configuration.js';
import { nodeCheck } from '../doctor/checks/node.js';
import type { Role } from '../doctor/examination.js';
import { checksOf, checksOfRole, ROLES } from '../doctor/examination.js';
import type { Finding } from '../doctor/finding.js';
import { isWell } from '../doctor/finding.js';
import { thisMachine } from '../doctor/machine.js';
import { renderFindings } from '../doctor/render.js';
import { runChecks } from '../doctor/run-checks.js';
import type { Subject } from '../doctor/subject.js';
import { createSubject } from '../doctor/subject.js';
import { feedInUse } from '../feed-in-use.js';
import { programFile } from '../process/node-program.js';
import { configOf, instancePrefix } from '../process/open-process.js';
import { API_PROGRAM } from './api.js';

interface DoctorOptions {
  readonly json?: boolean;
  readonly role?: Role;
  readonly here?: boolean;
}

export const addDoctor: CommandAdder = (program, cli) => {
  program
    .command('doctor')
    .description('look at everything Kairos stands on, and say what is wrong and what to do; exit 0 when nothing is')
    .addOption(new Option('--role <role>', 'only whether this role is alive, as a health check').choices(ROLES))
    .option('--here', 'with --role: only processes of this machine count')
    .option('--json', 'print one JSON object')
    .action((options: DoctorOptions) =>
      cli.run(async () => {
        const findings = await examine(cli, options);
        if (options.json) cli.print(JSON.stringify({ isWell: isWell(findings), findings }));
        else cli.print(renderFindings(findings));
        return isWell(findings) ? EXIT.done : EXIT.failed;
      }),
    );
};

async function examine(cli: Cli, { role, here }: DoctorOptions): Promise<readonly Finding[]> {
  const { clock } = cli;
  const { config, error } = readConfiguration(cli);
  const general = role ? [] : [nodeCheck(thisMachine), buildCheck(() => programFile(API_PROGRAM))];
  const first = [...general, ...(role && config ? [] : [configurationCheck(error)])];
  if (config === null) return runChecks(first, clock);
  const subject = await subjectOf(cli, config);
  try {
    const checks = role ? checksOfRole(subject, role, here ? instancePrefix() : null) : checksOf(subject);
    return await runChecks([...first, ...checks], clock);
  } finally {
    await subject.close();
  }
}

function readConfiguration(cli: Cli): { config: Config | null; error: ConfigError | null } {
  try {
    return { config: configOf(cli, false), error: null };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { config: null, error };
  }
}

async function subjectOf({ clock }: Cli, config: Config): Promise<Subject> {
  const feed = await feedInUse(config);
  // A replay's file that cannot be read leaves the world unknown; the check of FEED names it.
  const world = feed ? await worldOf(feed, { symbols: config.SYMBOLS }).catch(() => null) : null;
  const absent = () => Promise.resolve(null);
  const surveys = {
    bus: world === null ? absent : () => openBusSurvey(config, world, { clock }),
    store: world === null ? absent : () => openStoreSurvey(config, world, { clock }),
  };
  return createSubject({ config, world, clock, machine: thisMachine, surveys });
}
