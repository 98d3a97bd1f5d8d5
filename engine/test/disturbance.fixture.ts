/** What else befalls processes that are killed: commands, each twice, and messages that are not valid. */
import type { Bus, Doors } from '@kairos/ports';
import { systemClock } from '@kairos/ports';
import type { Topic } from '@kairos/schema';
import { TOPICS } from '@kairos/schema';
import type { Part } from './crew.fixture.js';
import { ACCOUNT_IDS, recordsOf, until } from './replay-world.fixture.js';

/** How long a crew may take from one moment to the next. */
export const PATIENCE_MS = 300_000;

const ACTIONS = ['PAUSE_BOT', 'RESUME_BOT', 'STOP_BOT', 'RESUME_BOT'];
const LAST_STEPS: readonly string[] = ['STOPPED', 'PAUSED', 'RESUMED', 'REFUSED'];
const BAD_ON: readonly Topic[] = [TOPICS.signals, TOPICS.commands, TOPICS.marketData];

/** What happens to the processes of a replay. */
export interface Disturbance {
  readonly parts: readonly Part[];
  /** How often processes are killed. */
  readonly kills: number;
  /** Before the kill of this number. */
  disturb(index: number, doors: Doors): Promise<void>;
  /** Whether what it has done has been dealt with. */
  isDone(doors: Doors): Promise<boolean>;
}

/** Publishes a command twice over; its id. */
async function command(bus: Bus, what: { action: string; accountId: string; index: number }): Promise<string> {
  const { action, accountId, index } = what;
  const id = `${action}-${index}-${accountId}`;
  const value = Buffer.from(JSON.stringify({ v: 1, id, action, accountId, time: systemClock.now() }));
  const record = { key: accountId, value };
  await bus.publish(TOPICS.commands, [record, record]);
  return id;
}

/** Publishes what is no message; where it stands. */
async function notValid(bus: Bus, topic: Topic): Promise<string> {
  const [place] = await bus.publish(topic, [{ key: null, value: Buffer.from('{"v":2}'), partition: 0 }]);
  return `${topic}:${place!.partition}:${place!.offset}`;
}

/** Commands, each twice, and messages that are not valid, before every kill. */
export function commandsAndNonsense(parts: readonly Part[], kills: number) {
  const commands: string[] = [];
  const bad: string[] = [];
  const disturbance: Disturbance = {
    parts,
    kills,
    async disturb(index, { bus, store }) {
      const areOpen = async () => (await store.readModels.accounts()).length === ACCOUNT_IDS.length;
      await until('the accounts are open', areOpen, PATIENCE_MS);
      const action = ACTIONS[index % ACTIONS.length]!;
      for (const accountId of ACCOUNT_IDS) commands.push(await command(bus, { action, accountId, index }));
      for (const topic of BAD_ON) bad.push(await notValid(bus, topic));
    },
    async isDone({ store, bus }) {
      const steps = await Promise.all(commands.map((id) => store.readModels.steps(id)));
      const letters = new Set((await recordsOf(bus, TOPICS.deadLetter)).map(({ key }) => key));
      return steps.every((of) => of.some(({ kind }) => LAST_STEPS.includes(kind))) && letters.size >= bad.length;
    },
  };
  return { commands, bad, disturbance };
}
