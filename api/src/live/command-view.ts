/** A command with everything that is known of it: what was asked, its steps so far and its status. */
import type { Store } from '@kairos/ports';
import type { Command, CommandStatus, CommandStep, Instant, World } from '@kairos/schema';
import { commandStatus } from '@kairos/schema';

export interface CommandView {
  readonly command: Command;
  readonly accountIds: readonly string[];
  readonly status: CommandStatus;
  readonly steps: readonly CommandStep[];
  readonly isPublished: boolean;
  /** Wall time. */
  readonly sentAt: Instant;
}

const FINAL: readonly CommandStatus[] = ['DONE', 'REFUSED', 'EXPIRED'];

/** Whether nothing more will come of it. */
export const isFinal = (view: CommandView): boolean => FINAL.includes(view.status);

/** A command of this world, sent by us or taken from the bus; null when there is none of this id. */
export async function loadCommand(store: Store, world: World, id: string): Promise<CommandView | null> {
  const [stored, taken, steps] = await Promise.all([
    store.app.commands.byId(id),
    store.readModels.takenCommand(id),
    store.readModels.steps(id),
  ]);
  const sent = stored?.world === world ? stored : null;
  const known = sent ?? taken;
  if (!known) return null;
  return commandView({
    command: known.command,
    accountIds: known.accountIds,
    steps,
    isPublished: taken !== null || (sent?.isPublished ?? true),
    sentAt: sent?.sentAt ?? known.command.time,
  });
}

export const commandView = (known: Omit<CommandView, 'status'>): CommandView => ({
  ...known,
  status: commandStatus({ ...known, action: known.command.action }),
});

/** The part of a command that concerns some accounts. */
export function limitedTo(view: CommandView, mayRead: (accountId: string) => boolean): CommandView {
  const accountIds = view.accountIds.filter(mayRead);
  const steps = view.steps.filter((step) => mayRead(step.accountId));
  if (accountIds.length === view.accountIds.length && steps.length === view.steps.length) return view;
  return commandView({ ...view, accountIds, steps });
}
