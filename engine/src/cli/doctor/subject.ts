/** What is examined: a configuration, and looks at the bus and the store that it names, each opened once if at all. */
import type { BusSurvey, Clock, StoreSurvey } from '@kairos/ports';
import type { Config, HealthReport, Instant, World } from '@kairos/schema';
import { decodeHealth, TOPICS } from '@kairos/schema';
import type { Machine } from './machine.js';

export interface Surveys {
  /** Null while there is nothing to look at yet. @throws PortError */
  bus(): Promise<BusSurvey | null>;
  store(): Promise<StoreSurvey | null>;
}

export interface Subject extends Surveys {
  readonly config: Config;
  /** Null while `FEED=auto` has not been asked yet. */
  readonly world: World | null;
  readonly clock: Clock;
  readonly machine: Machine;
  /** The newest report of each process, of those that were heard of lately. @throws PortError as `bus` */
  reports(): Promise<readonly HealthReport[]>;
  /** Closes what was opened. */
  close(): Promise<void>;
}

/** Reports looked through: a minute and more of a dozen processes. */
const REPORTS_MAX = 1_000;

export type SubjectParts = Pick<Subject, 'config' | 'world' | 'clock' | 'machine'> & { readonly surveys: Surveys };

export function createSubject({ surveys, ...parts }: SubjectParts): Subject {
  const bus = once(surveys.bus);
  const store = once(surveys.store);
  return {
    ...parts,
    bus: bus.ask,
    store: store.ask,
    reports: once(async () => newestReports(await bus.ask())).ask,
    async close() {
      for (const asked of [bus.asked(), store.asked()]) {
        const survey = await asked?.catch(() => null);
        await survey?.close();
      }
    },
  };
}

async function newestReports(bus: BusSurvey | null): Promise<readonly HealthReport[]> {
  if (bus === null) return [];
  const newest = new Map<string, HealthReport>();
  for (const { value } of await bus.newest({ topic: TOPICS.health, partition: 0 }, REPORTS_MAX)) {
    const decoded = decodeHealth(value);
    if (decoded.ok) newest.set(`${decoded.value.component}:${decoded.value.instance}`, decoded.value);
  }
  return [...newest.values()];
}

/** Asks at the first call; every other gets the same answer. */
function once<T>(ask: () => Promise<T>): { ask(): Promise<T>; asked(): Promise<T> | null } {
  let answer: Promise<T> | null = null;
  return {
    ask: () => (answer ??= ask()),
    asked: () => answer,
  };
}

/** Whole milliseconds since a report, 0 where clocks differ. */
export const ageOf = (report: HealthReport, now: Instant): number => Math.max(0, now - report.at);
