import type { BusSurvey, GroupDescription } from '@kairos/ports';
import type { Check } from '../finding.js';
import { unknown, well, wrong } from '../finding.js';
import { LAG_MAX, lagOf } from '../lag.js';
import type { Subject } from '../subject.js';
import { busOrWhy } from './bus.js';

/** How far each consumer group is behind, and whether one that has members keeps up. */
export const groupsCheck = (subject: Subject): Check => ({
  name: 'lag of groups',
  limitMs: 10_000,
  async run() {
    const bus = await busOrWhy(subject);
    if (typeof bus === 'string') return unknown(bus);
    const groups = await bus.groups();
    if (groups.length === 0) return unknown('no group yet');
    const lags = await Promise.all(groups.map(async (group) => ({ group, records: await lagIn(bus, group) })));
    const text = lags
      .map(({ group, records }) => `${group.groupId} ${records} behind (${membersOf(group)})`)
      .join(', ');
    const slow = lags.filter(({ group, records }) => group.members > 0 && records > LAG_MAX);
    if (slow.length === 0) return well(text);
    return wrong(
      slow.map(({ group, records }) => `${group.groupId} is ${records} records behind`).join(', '),
      'See its log; start another process of that role, or give it a faster machine',
    );
  },
});

const membersOf = ({ members }: GroupDescription): string => (members === 1 ? '1 member' : `${members} members`);

async function lagIn(bus: BusSurvey, { committed }: GroupDescription): Promise<number> {
  const topics = [...new Set(committed.map(({ topic }) => topic))];
  const ends = (await Promise.all(topics.map((topic) => bus.offsets(topic)))).flat();
  return lagOf(committed, ends).records;
}
