/**
 * Who may see and who may trade which account: the one place that says so.
 *
 * ADMIN: everything. TRADER: own accounts. VIEWER: reads the accounts granted to it. What belongs to somebody else answers
 * exactly as what does not exist.
 */
import type { AccountView } from '@kairos/ports';
import type { ApiContext, Viewer } from '../../context.js';
import { NotFoundError } from '../../graphql/errors.js';
import { canRead, canTrade, requireRole, requireViewer } from '../../graphql/guards.js';
import type { Optional } from '../arguments.js';
import { remembered } from '../memo.js';

/** The accounts of this world that the viewer may read, oldest first. */
export async function readableAccounts(context: ApiContext): Promise<readonly AccountView[]> {
  const viewer = requireViewer(context);
  const views = await allAccounts(context);
  return views.filter((view) => canRead(viewer, view.account)).sort(oldestFirst);
}

/**
 * The account of this id, or the viewer's oldest own one, else the oldest it may read.
 * @throws NotFoundError
 */
export async function readableAccount(context: ApiContext, id: Optional<string>): Promise<AccountView> {
  const viewer = requireViewer(context);
  if (id === null || id === undefined) return oldestOf(viewer, await readableAccounts(context));
  const view = await accountById(context, id);
  if (!view || !canRead(viewer, view.account)) throw new NotFoundError('This account');
  return view;
}

/** Whether the viewer may see what belongs to this account. */
export async function isReadable(context: ApiContext, accountId: string): Promise<boolean> {
  const view = await accountById(context, accountId);
  return view !== null && canRead(requireViewer(context), view.account);
}

/** As `readableAccount`, of those that the viewer may trade. @throws ForbiddenError for a VIEWER, NotFoundError */
export async function tradableAccount(context: ApiContext, id: Optional<string>): Promise<AccountView> {
  const viewer = requireTrader(context);
  const view = await readableAccount(context, id);
  if (!canTrade(viewer, view.account)) throw new NotFoundError('This account');
  return view;
}

/**
 * The account of this id, or every one that the viewer may trade, out of `views`.
 * @throws ForbiddenError for a VIEWER, NotFoundError when there is none
 */
export function tradableAmong(
  context: ApiContext,
  views: readonly AccountView[],
  id: Optional<string>,
): readonly AccountView[] {
  const viewer = requireTrader(context);
  const tradable = views.filter((view) => canTrade(viewer, view.account) && (!id || view.account.id === id));
  if (tradable.length === 0) throw new NotFoundError(id ? 'This account' : 'An account of yours');
  return [...tradable].sort(oldestFirst);
}

/** @throws ForbiddenError for a VIEWER */
export const requireTrader = (context: ApiContext): Viewer => requireRole(context, 'ADMIN', 'TRADER');

/** Every account of this world, as read once per operation. */
export const allAccounts = (context: ApiContext): Promise<readonly AccountView[]> =>
  remembered(context, 'accounts', () => context.deps.store.readModels.accounts());

const accountById = (context: ApiContext, id: string): Promise<AccountView | null> =>
  remembered(context, `account:${id}`, () => context.deps.store.readModels.account(id));

function oldestOf(viewer: Viewer, views: readonly AccountView[]): AccountView {
  const oldest = views.find((view) => view.account.userId === viewer.userId) ?? views[0];
  if (!oldest) throw new NotFoundError('An account of yours');
  return oldest;
}

const oldestFirst = (a: AccountView, b: AccountView): number =>
  a.createdAt - b.createdAt || (a.account.id < b.account.id ? -1 : 1);
