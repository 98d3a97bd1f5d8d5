/** The archive of Kafka's classes, made by one short run; without it a start takes twice as long. */
import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { archiveOf, javaArguments } from './java.mjs';
import { requireJava } from './tools.mjs';

/** Makes the archive for this Java where there is none. `startFrom` starts a node with given arguments of `java`. */
export async function ensureArchive(kafkaFolder, startFrom) {
  const archive = archiveOf(kafkaFolder, await requireJava());
  if (existsSync(archive)) return;
  const draft = `${archive}.${process.pid}`;
  try {
    const kafka = await startFrom({ java: await javaArguments(kafkaFolder, { dumpTo: draft }) });
    // Java writes the archive while it ends.
    await kafka.stop();
    if (existsSync(draft)) await rename(draft, archive);
  } finally {
    await rm(draft, { force: true });
  }
}
