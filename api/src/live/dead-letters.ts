/**
 * Writes messages of `crypto.trades` that are not valid to `crypto.dead_letter`, each once: the instances of the API
 * share the topic's partitions as one group, which also covers what came while none of them ran.
 */
import type { Bus, BusRecord, Clock, GroupMember, Log } from '@kairos/ports';
import { unwrittenLetters } from '@kairos/ports';
import type { World } from '@kairos/schema';
import { deadLetterKey, deadLetterOf, decodeTradingEvent, encodeDeadLetter, TOPICS, worldSlug } from '@kairos/schema';

export interface DeadLetterWriter {
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface DeadLetterDeps {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Log;
}

const POLL_RECORDS = 500;
const POLL_WAIT_MS = 1_000;
const RETRY_MS_MIN = 500;
const RETRY_MS_MAX = 10_000;

export function createDeadLetterWriter({ bus, clock, log }: DeadLetterDeps, world: World): DeadLetterWriter {
  const stopping = new AbortController();
  let member: GroupMember | null = null;
  let running: Promise<void> = Promise.resolve();

  /** The letters of records that are not valid; those already written before a crash are left out. */
  const write = async (records: readonly BusRecord[]): Promise<void> => {
    const found = records.flatMap((record) => {
      const decoded = decodeTradingEvent(record.value);
      return decoded.ok ? [] : [deadLetterOf(record, decoded.error.reason, clock.now())];
    });
    const letters = await unwrittenLetters(bus, found);
    if (letters.length === 0) return;
    const outgoing = letters.map((letter) => ({ key: deadLetterKey(letter), value: encodeDeadLetter(letter) }));
    await bus.publish(TOPICS.deadLetter, outgoing);
    for (const letter of letters) {
      const fields = { at: deadLetterKey(letter), reason: letter.reason };
      log.warn(fields, 'A message of crypto.trades is not valid: kept as a dead letter');
    }
  };
  const join = (): Promise<GroupMember> =>
    bus.join({ groupId: `kairos-api-${worldSlug(world)}`, topics: [TOPICS.trades], fallback: 'latest' });
  const takeSome = async (): Promise<void> => {
    member ??= await join();
    const records = await member.poll(POLL_RECORDS, POLL_WAIT_MS);
    await write(records);
    if (records.length > 0) await member.commit(nextOf(records));
  };
  const leave = async (): Promise<void> => {
    const leaving = member;
    member = null;
    await leaving?.close();
  };
  const run = async (): Promise<void> => {
    let retryMs = RETRY_MS_MIN;
    while (!stopping.signal.aborted) {
      try {
        await takeSome();
        retryMs = RETRY_MS_MIN;
      } catch (error) {
        log.debug({ error, retryMs }, 'crypto.trades cannot be checked; trying again');
        await leave().catch((cause: unknown) => log.debug({ cause }, 'The group was left already'));
        await clock.sleep(retryMs, stopping.signal);
        retryMs = Math.min(retryMs * 2, RETRY_MS_MAX);
      }
    }
  };

  return {
    async start() {
      member = await join().catch((error: unknown) => {
        log.debug({ error }, 'The bus does not answer yet');
        return null;
      });
      running = run();
    },
    async stop() {
      stopping.abort();
      await running;
      await leave();
    },
  };
}

/** The next offset per partition after these records. */
function nextOf(records: readonly BusRecord[]): { topic: BusRecord['topic']; partition: number; next: number }[] {
  const next = new Map<number, number>();
  for (const { partition, offset } of records) next.set(partition, offset + 1);
  return [...next].map(([partition, offset]) => ({ topic: TOPICS.trades, partition, next: offset }));
}
