/** How commands get on, for everybody who waits for them. */
import type { Store } from '@kairos/ports';
import type { World } from '@kairos/schema';
import { NotFoundError } from '../graphql/errors.js';
import { createBroadcast } from './broadcast.js';
import type { Stream } from './channel.js';
import type { CommandView } from './command-view.js';
import { isFinal, loadCommand } from './command-view.js';
import { createShared } from './shared.js';

export interface CommandSources {
  /** The command at once and with every step until its status is final. @throws NotFoundError */
  subscribe(id: string): Promise<Stream<CommandView>>;
  /** Reads the commands that somebody waits for again. */
  refresh(): Promise<void>;
}

interface CommandSource {
  subscribe(onEnd: () => void): Stream<CommandView>;
  refresh(): Promise<void>;
  close(): void;
}

export function createCommandSources(store: Store, world: World): CommandSources {
  const sources = createShared((id) => openSource(store, world, id));
  return {
    async subscribe(id) {
      const { source, release } = await sources.acquire(id);
      return source.subscribe(release);
    },
    async refresh() {
      await Promise.all(sources.open().map((source) => source.refresh()));
    },
  };
}

async function openSource(store: Store, world: World, id: string): Promise<CommandSource> {
  const broadcast = createBroadcast<CommandView>({ capacity: 1, keyOf: () => id });
  const first = await loadCommand(store, world, id);
  if (!first) throw new NotFoundError('This command');
  let view: CommandView = first;

  return {
    subscribe(onEnd) {
      const channel = broadcast.subscribe({ initial: [view], onEnd });
      if (isFinal(view)) channel.finish();
      return channel;
    },
    async refresh() {
      const next = await loadCommand(store, world, id);
      if (!next || isSame(next, view)) return;
      view = next;
      broadcast.push(view);
      if (isFinal(view)) broadcast.finish();
    },
    close: () => broadcast.finish(),
  };
}

const isSame = (a: CommandView, b: CommandView): boolean => a.status === b.status && a.steps.length === b.steps.length;
