/** A healthy installation on servers, of which a test breaks one thing at a time. */
import type { BusSurvey, StoreDescription, StoreSurvey } from '@kairos/ports';
import { createSimulatedClock, sampleEntry } from '@kairos/ports/testing';
import type { Component, HealthReport, Instant } from '@kairos/schema';
import { addMs, encodeHealth, readConfig, TOPICS } from '@kairos/schema';
import { checksOf } from './examination.js';
import type { Finding } from './finding.js';
import type { Machine } from './machine.js';
import { runChecks } from './run-checks.js';
import type { Subject } from './subject.js';
import { createSubject } from './subject.js';

export const NOW = 1_790_000_000_000 as Instant;
const GIB = 1024 ** 3;
const PARTITIONS = 8;

export const PASSWORD = 'c4n4ry-of-the-password';
export const ENV: Readonly<Record<string, string>> = {
  MONGODB_URI: `mongodb://kairos:${PASSWORD}@db.example:27017/?replicaSet=rs0`,
  KAFKA_BROKERS: 'kafka.example:9092',
  FEED: 'simulator',
  JWT_SECRET: 'a secret of its own, with 40 characters!',
  ADMIN_PASSWORD: PASSWORD,
};

export const MACHINE: Machine = {
  nodeVersion: '20.20.2',
  hasFileModes: true,
  freeBytes: async () => 100 * GIB,
  look: async (path) => ({ isFolder: !/\.env$|app\.db$|secret$|key$/.test(path), mode: 0o600 }),
  textOf: async () => null,
  isReadable: async () => true,
  isWritable: async () => true,
  whyNotFree: async () => Object.assign(new Error('taken'), { code: 'EADDRINUSE' }),
  get: async (_host, _port, path) =>
    path === '/healthz'
      ? { status: 200, text: '{"healthy":true}' }
      : { status: 200, text: '{"ready":true,"store":true,"bus":true}' },
};

export const report = (component: Component, fields: Partial<HealthReport> = {}): HealthReport => ({
  component,
  instance: `here-1-${component}`,
  at: addMs(NOW, -400),
  healthy: true,
  detail: 'Works',
  lag: 0,
  worldTime: null,
  feedName: null,
  feedSpeed: null,
  feedEndedAt: null,
  ...fields,
});

export const ALL_REPORTS = (['feed', 'predictor', 'trader'] as const).map((component) => report(component));

const everyTopic = (partitions: number) =>
  Object.values(TOPICS).map((topic) => ({
    topic,
    partitions: topic === TOPICS.health || topic === TOPICS.deadLetter ? 1 : partitions,
  }));

export interface BusFacts {
  readonly reports?: readonly HealthReport[];
  readonly partitions?: number;
  /** Oldest and next offset of every partition. */
  readonly ends?: { readonly earliest: number; readonly next: number };
  readonly groups?: Awaited<ReturnType<BusSurvey['groups']>>;
}

export function busOf({ reports = ALL_REPORTS, partitions = PARTITIONS, ends, groups = [] }: BusFacts = {}): BusSurvey {
  const { earliest, next } = ends ?? { earliest: 0, next: 100 };
  return {
    describe: async () => ({
      product: 'Apache Kafka',
      version: '4.1',
      detail: '1 broker',
      topics: everyTopic(partitions),
    }),
    offsets: async (topic) =>
      Array.from({ length: partitions }, (_, partition) => ({ topic, partition, earliest, next })),
    groups: async () => groups,
    newest: async ({ topic }) =>
      topic === TOPICS.health
        ? reports.map((one, offset) => {
            const key = `${one.component}:${one.instance}`;
            return { topic, partition: 0, offset, timestamp: one.at, key, value: encodeHealth(one) };
          })
        : [],
    close: async () => undefined,
  };
}

/** `position`: what every shard has read of the first partition of prices. */
export function storeOf(facts: Partial<StoreDescription> = {}, position = 100): StoreSurvey {
  const positions = { 'crypto.market_data:0': position, 'crypto.ml_signals:0#predictor': position };
  return {
    describe: async () => ({
      product: 'MongoDB',
      version: '6.0.5',
      detail: 'replica set rs0',
      fault: null,
      world: 'SIMULATOR',
      shards: PARTITIONS,
      freeBytes: 50 * GIB,
      ...facts,
    }),
    journal: {
      head: async () => ({ entry: 1, epoch: 1, owner: 'here-1-trader' }),
      snapshot: async () => null,
      read: async (shard, after) => (after === 0 ? [sampleEntry({ shard, positions })] : []),
    },
    close: async () => undefined,
  };
}

export interface Situation {
  readonly env?: Readonly<Record<string, string>>;
  readonly machine?: Partial<Machine>;
  readonly bus?: () => BusSurvey | null;
  readonly store?: () => StoreSurvey | null;
}

export function subjectIn({ env = {}, machine = {}, bus = busOf, store = storeOf }: Situation): Subject {
  const config = readConfig({ ...ENV, ...env });
  return createSubject({
    config,
    world: 'SIMULATOR',
    clock: createSimulatedClock(NOW),
    machine: { ...MACHINE, ...machine },
    surveys: { bus: async () => bus(), store: async () => store() },
  });
}

/** What an examination finds in a situation. */
export async function findingsIn(situation: Situation): Promise<readonly Finding[]> {
  const subject = subjectIn(situation);
  return runChecks(checksOf(subject), subject.clock);
}

/** Names of what is wrong, each with its cause and its cure. */
export const faultsOf = (findings: readonly Finding[]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    findings.filter(({ state }) => state === 'wrong').map(({ name, fault, fix }) => [name, `${fault} → ${fix}`]),
  );
