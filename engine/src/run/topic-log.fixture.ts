/** What stands on topics, each record read once however often it is asked for. */
import type { Bus, BusRecord, Reader } from '@kairos/ports';
import type { Topic } from '@kairos/schema';

const POLL_RECORDS = 5_000;

export interface TopicLog {
  /** Every record in the order in which it was found: each partition in its own order. */
  readTo(topic: Topic): Promise<readonly BusRecord[]>;
}

interface Log {
  readonly reader: Promise<Reader>;
  readonly records: BusRecord[];
  /** One reads at a time. */
  read: Promise<void>;
}

export function createTopicLog(bus: Bus): TopicLog {
  const logs = new Map<Topic, Log>();

  const open = (topic: Topic): Promise<Reader> =>
    bus.read({
      from: Array.from({ length: bus.partitionsOf(topic) }, (_, partition) => ({
        topic,
        partition,
        position: 'earliest' as const,
      })),
    });

  const readOn = async ({ reader, records }: Log): Promise<void> => {
    const from = await reader;
    for (let page = await from.poll(POLL_RECORDS, 0); page.length > 0; page = await from.poll(POLL_RECORDS, 0)) {
      records.push(...page);
    }
  };

  return {
    async readTo(topic) {
      const log = logs.get(topic) ?? { reader: open(topic), records: [], read: Promise.resolve() };
      logs.set(topic, log);
      log.read = log.read.then(() => readOn(log));
      await log.read;
      return log.records;
    },
  };
}
