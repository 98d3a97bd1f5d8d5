import { SINGLE_PARTITION_TOPICS, TOPICS } from '@kairos/schema';
import type { Check } from '../finding.js';
import { unknown, well, wrong } from '../finding.js';
import type { Subject } from '../subject.js';
import { busOrWhy } from './bus.js';

/** Whether every topic is there, with as many partitions as configured. */
export const topicsCheck = (subject: Subject): Check => ({
  name: 'topics',
  limitMs: 10_000,
  async run() {
    const bus = await busOrWhy(subject);
    if (typeof bus === 'string') return unknown(bus);
    const found = new Map((await bus.describe()).topics.map(({ topic, partitions }) => [topic, partitions]));
    const missing = Object.values(TOPICS).filter((topic) => !found.has(topic));
    if (found.size === 0) return unknown('none yet: the first start makes them');
    if (missing.length > 0) return wrong(`${missing.join(', ')} not there`, 'Start Kairos: what is missing is made');
    const wanted = subject.config.KAFKA_PARTITIONS;
    const counted = [...found].filter(([topic]) => !SINGLE_PARTITION_TOPICS.includes(topic));
    const others = counted.filter(([, partitions]) => partitions !== wanted);
    if (others.length === 0) return well(`${found.size}, of ${wanted} partitions each where they are shared out`);
    const [first] = others.map(([, partitions]) => partitions);
    return wrong(
      `${others.map(([topic, partitions]) => `${topic} has ${partitions}`).join(', ')}, but KAFKA_PARTITIONS is ${wanted}`,
      `Set KAFKA_PARTITIONS=${first}: the count is kept from the first start on`,
    );
  },
});
