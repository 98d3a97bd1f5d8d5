/** The programs of this machine that servers are fetched and run with; one that is missing is named with its cure. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { JAVA_OLDEST } from './versions.mjs';

const execute = promisify(execFile);
const OUTPUT_BYTES_MAX = 1 << 20;

/** What every tool is asked to show that it is there. */
const TOOLS = {
  java: {
    command: 'java',
    args: ['-version'],
    cure: `Install Java ${JAVA_OLDEST} or newer (Debian: apt-get install default-jre-headless).`,
  },
  keytool: {
    command: 'keytool',
    args: ['-help'],
    cure: 'It is part of Java (Debian: apt-get install default-jre-headless).',
  },
  mvn: { command: 'mvn', args: ['-version'], cure: 'Install Maven (Debian: apt-get install maven).' },
  pip: {
    command: 'python3',
    args: ['-m', 'pip', '--version'],
    cure: 'Install Python 3 with pip (Debian: apt-get install python3 python3-pip).',
  },
};

/** Something that people must do before servers can be had. Its message says what. */
export class MissingTool extends Error {
  name = 'MissingTool';
}

/** @returns what the tool says of its version. @throws MissingTool */
export async function requireTool(name, runTool = runCommand) {
  const { command, args, cure } = TOOLS[name];
  try {
    return await runTool(command, args);
  } catch (error) {
    const found = error.code === 'ENOENT' ? `${command} was not found` : `\`${command} ${args.join(' ')}\` failed`;
    throw new MissingTool(`Kafka and MongoDB for tests need ${name}, but ${found}. ${cure}`, { cause: error });
  }
}

/** The version of Java, such as `17.0.15`. @throws MissingTool when there is none, or only an older one */
export async function requireJava(runTool = runCommand) {
  const said = await requireTool('java', runTool);
  const version = javaVersionOf(said);
  if (version === null || Number.parseInt(version, 10) < JAVA_OLDEST) {
    const found = version ?? said.split('\n')[0];
    throw new MissingTool(`Kafka needs Java ${JAVA_OLDEST} or newer, found ${found}. ${TOOLS.java.cure}`);
  }
  return version;
}

/** `openjdk version "17.0.15" 2025-04-15` → `17.0.15`; null where it says none. Java 8 calls itself 1.8. */
export const javaVersionOf = (said) => /version "([^"]+)"/.exec(said)?.[1] ?? null;

/** Standard output and error of a command, as text. */
export async function runCommand(command, args, options = {}) {
  const { stdout, stderr } = await execute(command, args, { maxBuffer: OUTPUT_BYTES_MAX, ...options });
  return `${stdout}${stderr}`;
}
