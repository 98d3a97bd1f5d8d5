/** Commands: what was sent, what was taken and its steps, to GraphQL. */
import type { CommandStep } from '@kairos/schema';
import { formatPrice } from '@kairos/schema';
import type { ApiContext } from '../../context.js';
import { NotFoundError } from '../../graphql/errors.js';
import { requireViewer } from '../../graphql/guards.js';
import type { CommandView } from '../../live/command-view.js';
import { limitedTo, loadCommand } from '../../live/command-view.js';
import { readableAccount, readableAccounts } from '../account/account.access.js';
import type { Optional } from '../arguments.js';
import { wholeWithin } from '../arguments.js';
import { orNull } from '../text.js';
import type { CommandStepType, CommandType } from './command.type.js';

const COMMANDS_DEFAULT = 20;

/** @throws NotFoundError */
export async function commandOf(context: ApiContext, id: string): Promise<CommandType> {
  return toCommand(await readableCommand(context, id));
}

/** A command that concerns an account that the viewer may read, limited to such accounts. @throws NotFoundError */
export async function readableCommand(context: ApiContext, id: string): Promise<CommandView> {
  requireViewer(context);
  const { store, world } = context.deps;
  const view = await loadCommand(store, world, id);
  const visible = view && (await visibleTo(context, view));
  if (!visible) throw new NotFoundError('This command');
  return visible;
}

/** The part of a command that the viewer may see; null when there is none. */
export async function visibleTo(context: ApiContext, view: CommandView): Promise<CommandView | null> {
  if (requireViewer(context).role === 'ADMIN') return view;
  const readable = new Set((await readableAccounts(context)).map(({ account }) => account.id));
  const visible = limitedTo(view, (accountId) => readable.has(accountId));
  return visible.accountIds.length === 0 ? null : visible;
}

export interface CommandsArguments {
  readonly accountId: Optional<string>;
  readonly last: Optional<number>;
}

/** Newest first. @throws NotFoundError, BadInputError */
export async function commandsOf(context: ApiContext, args: CommandsArguments): Promise<CommandType[]> {
  const last = wholeWithin('last', args.last, { fallback: COMMANDS_DEFAULT });
  const { account } = await readableAccount(context, args.accountId);
  const { store, world } = context.deps;
  const [sent, taken] = await Promise.all([
    store.app.commands.list(world, account.id, last),
    store.readModels.commandIds(account.id, last),
  ]);
  const ids = new Set([...sent.map(({ command }) => command.id), ...taken]);
  const views = await Promise.all([...ids].map((id) => loadCommand(store, world, id)));
  const visible = await Promise.all(views.map(async (view) => view && visibleTo(context, view)));
  return visible
    .filter((view) => view !== null)
    .sort((a, b) => b.sentAt - a.sentAt)
    .slice(0, last)
    .map(toCommand);
}

export const toCommand = (view: CommandView): CommandType => ({
  id: view.command.id,
  action: view.command.action,
  accountIds: view.accountIds,
  status: view.status,
  steps: view.steps.map(toStep),
  issuedBy: view.command.issuedBy,
  reason: view.command.reason,
  sentAt: view.sentAt,
});

const toStep = (step: CommandStep): CommandStepType => ({
  time: step.time,
  accountId: step.accountId,
  kind: step.kind,
  tradeId: step.tradeId,
  symbol: step.symbol,
  price: orNull(step.price, formatPrice),
  error: step.error,
});
