/**
 * Deaths that are noticed at once. A group misses a member after 6 s, and a process that comes back waits for that; where
 * many die in turn this would be most of a test, so their groups are told, as the broker tells them.
 */
import { expel } from '../../ports/fixtures/kafka.js';
import type { Crew, Dead, Part } from './crew.fixture.js';
import { commandOf } from './crew.fixture.js';

/** The groups in which a command's process stands for something. */
const GROUPS: Readonly<Record<string, string>> = {
  trade: 'kairos-traders',
  predict: 'kairos-predictor-lock',
  feed: 'kairos-feed',
};

/** Takes a process that is no more out of its group. */
export const tell = ({ part, pid }: Dead, brokers: readonly string[]): Promise<void> =>
  expel(brokers, GROUPS[commandOf(part)]!, pid);

/** kill -9; resolves when the process is gone from its group too. */
export async function killAndTell(crew: Crew, part: Part, brokers: readonly string[]): Promise<void> {
  const dead = await crew.kill(part);
  if (dead) await tell(dead, brokers);
}
