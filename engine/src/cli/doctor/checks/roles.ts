import type { Component, HealthReport, World } from '@kairos/schema';
import { HEALTH_TIMEOUT_MS, isLockStep } from '@kairos/schema';
import type { Check, Outcome } from '../finding.js';
import { unknown, well, wrong } from '../finding.js';
import { oneLine } from '../fault-of.js';
import type { Subject } from '../subject.js';
import { ageOf } from '../subject.js';
import { busOrWhy } from './bus.js';

export interface RoleOptions {
  readonly component: Component;
  /** Only processes of the machine of this name count; null: all. */
  readonly hostname: string | null;
  /** Whether it is a fault that none is alive. */
  isNeeded(): Promise<boolean>;
}

const COMMANDS: Readonly<Record<Component, string>> = { feed: 'feed', predictor: 'predict', trader: 'trade' };

/** Whether a role is alive, as it says itself once a second on the bus. */
export const roleCheck = (subject: Subject, options: RoleOptions): Check => ({
  name: options.component,
  limitMs: 10_000,
  async run() {
    const bus = await busOrWhy(subject);
    if (typeof bus === 'string') return options.hostname === null ? unknown(bus) : wrong(bus, 'See to the bus first');
    const now = subject.clock.now();
    const all = (await subject.reports()).filter((report) => isOf(report, options));
    const alive = all.filter((report) => ageOf(report, now) <= HEALTH_TIMEOUT_MS);
    if (alive.length > 0) return livingOutcome(alive, now);
    const since = all.length === 0 ? 'never heard of' : `not heard of for ${agoOf(all, now)}`;
    if (!(await options.isNeeded())) return unknown(`${since}; Kairos does not seem to run`);
    return wrong(`${since}: ${consequence(options.component, subject.world!)}`, cureOf(options.component));
  },
});

/** Whether any role was heard of within the time after which it counts as gone. */
export const isAnyAlive = (reports: readonly HealthReport[], now: Subject['clock']): boolean =>
  reports.some((report) => ageOf(report, now.now()) <= HEALTH_TIMEOUT_MS);

const isOf = ({ component, instance }: HealthReport, { component: wanted, hostname }: RoleOptions): boolean =>
  component === wanted && (hostname === null || instance.startsWith(`${hostname}-`));

function livingOutcome(alive: readonly HealthReport[], now: ReturnType<Subject['clock']['now']>): Outcome {
  const ill = alive.find(({ healthy }) => !healthy);
  const ageMs = Math.min(...alive.map((report) => ageOf(report, now)));
  const text = `${alive.length} alive, heard of ${ageMs} ms ago`;
  if (ill)
    return wrong(`${ill.instance} says: ${oneLine(ill.detail)}`, 'Do as it says; its log has more', { detail: text });
  const lag = alive.reduce((sum, report) => sum + (report.lag ?? 0), 0);
  return well(`${text}, ${lag} inputs behind; ${oneLine(alive[0]!.detail)}`);
}

function agoOf(reports: readonly HealthReport[], now: ReturnType<Subject['clock']['now']>): string {
  const seconds = Math.round(Math.min(...reports.map((report) => ageOf(report, now))) / 1_000);
  return seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}

/** What people see of it. */
function consequence(component: Component, world: World): string {
  if (component === 'feed') return 'no prices, so no candle, no signal and no stop';
  if (component === 'trader')
    return 'no trades on the dashboard, nothing is bought or sold, stops and targets included';
  return isLockStep(world)
    ? 'no signals, and this world stands still until they come'
    : 'no signals, so nothing new is bought; stops and targets go on';
}

const cureOf = (component: Component): string =>
  `Start it: npx kairos ${COMMANDS[component]} (Docker: docker compose up --detach ${component}), and read its log`;
