/** How Kafka's programs are called, with an archive of their loaded classes that makes a start twice as quick. */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { requireJava } from './tools.mjs';

const HEAP = '-Xmx512m';

/** The archive belongs to one version of Java; another one makes its own. */
export const archiveOf = (kafkaFolder, javaVersion) => join(kafkaFolder, `classes-${javaVersion}.jsa`);

/**
 * Arguments of `java` up to the name of the class. The jars are named one by one: an archive holds only for the same
 * class path in the same order.
 */
export async function javaArguments(kafkaFolder, { dumpTo = null } = {}) {
  const jars = join(kafkaFolder, 'jars');
  const classPath = (await readdir(jars)).sort().map((jar) => join(jars, jar));
  return [
    HEAP,
    '-XX:+UseSerialGC',
    '-XX:TieredStopAtLevel=1',
    ...(await archiving(kafkaFolder, dumpTo)),
    '-cp',
    classPath.join(':'),
  ];
}

async function archiving(kafkaFolder, dumpTo) {
  if (dumpTo !== null) return [`-XX:ArchiveClassesAtExit=${dumpTo}`, '-Xlog:cds=off', '-Xlog:cds+dynamic=off'];
  const archive = archiveOf(kafkaFolder, await requireJava());
  return existsSync(archive) ? [`-XX:SharedArchiveFile=${archive}`, '-Xshare:auto', '-Xlog:cds=off'] : [];
}
