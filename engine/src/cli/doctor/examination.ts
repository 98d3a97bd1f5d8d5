/** Which checks an examination makes, in the order in which people read them. */
import type { Component, HealthReport } from '@kairos/schema';
import { COMPONENTS } from '@kairos/schema';
import { apiCheck } from './checks/api.js';
import { busCheck } from './checks/bus.js';
import { dataDirCheck } from './checks/data-dir.js';
import { feedCheck } from './checks/feed.js';
import { groupsCheck } from './checks/groups.js';
import { portCheck } from './checks/port.js';
import { isAnyAlive, roleCheck } from './checks/roles.js';
import { secretFilesCheck } from './checks/secret-files.js';
import { shardsCheck } from './checks/shards.js';
import { storeCheck } from './checks/store.js';
import { topicsCheck } from './checks/topics.js';
import { worldCheck } from './checks/world.js';
import type { Check } from './finding.js';
import { askedHost } from './checks/port.js';
import type { Subject } from './subject.js';

/** What can be asked for alone, as a health check does. */
export const ROLES = [...COMPONENTS, 'api'] as const;
export type Role = (typeof ROLES)[number];

/** Everything, for a configuration that is valid. */
export function checksOf(subject: Subject): readonly Check[] {
  const isNeeded = createNeed(subject);
  return [
    dataDirCheck(subject),
    secretFilesCheck(subject),
    portCheck(subject),
    feedCheck(subject),
    storeCheck(subject),
    worldCheck(subject),
    busCheck(subject),
    topicsCheck(subject),
    groupsCheck(subject),
    shardsCheck(subject),
    ...COMPONENTS.map((component) => roleCheck(subject, { component, hostname: null, isNeeded })),
    apiCheck(subject, async () => subject.config.isBusEmbedded && (await isNeeded())),
  ];
}

/** One role alone, which must be alive. @param hostname Where it must run; null: anywhere. */
export function checksOfRole(subject: Subject, role: Role, hostname: string | null): readonly Check[] {
  const isNeeded = () => Promise.resolve(true);
  if (role === 'api') return [apiCheck(subject, isNeeded)];
  return [roleCheck(subject, { component: role satisfies Component, hostname, isNeeded })];
}

/**
 * Whether roles are missed: before the first start, or after all have been ended, nothing runs and nothing is wrong.
 * They are once another role or the API is alive; and on a bus of servers, where people expect them to run, as soon
 * as one of them was heard of.
 */
function createNeed(subject: Subject): () => Promise<boolean> {
  const { config, clock, machine } = subject;
  const decide = async (): Promise<boolean> => {
    const reports = await subject.reports().catch((): readonly HealthReport[] => []);
    if (isAnyAlive(reports, clock) || (!config.isBusEmbedded && reports.length > 0)) return true;
    const answer = await machine.get(askedHost(config.listenHost), config.PORT, '/healthz').catch(() => null);
    return answer?.status === 200;
  };
  let decision: Promise<boolean> | null = null;
  return () => (decision ??= decide());
}
