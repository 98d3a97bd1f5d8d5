/** Who may do what. A resolver calls these first; nothing is decided by a missing check elsewhere. */
import type { Role } from '@kairos/ports';
import type { ApiContext, Viewer } from '../context.js';
import { ForbiddenError, UnauthenticatedError } from './errors.js';

/** The viewer. @throws UnauthenticatedError when nobody is logged in */
export function requireViewer(context: ApiContext): Viewer {
  if (!context.viewer) throw new UnauthenticatedError();
  return context.viewer;
}

/** The viewer, if of one of these roles. @throws UnauthenticatedError, ForbiddenError */
export function requireRole(context: ApiContext, ...roles: readonly Role[]): Viewer {
  const viewer = requireViewer(context);
  if (!roles.includes(viewer.role)) throw new ForbiddenError();
  return viewer;
}

/** What of an account access depends on. */
export interface OwnedAccount {
  readonly id: string;
  readonly userId: string;
}

/** ADMIN: every account. TRADER: own ones. VIEWER: those granted to it. */
export function canRead(viewer: Viewer, account: OwnedAccount): boolean {
  if (viewer.role === 'ADMIN') return true;
  if (viewer.role === 'VIEWER') return viewer.grantedAccountIds.includes(account.id);
  return account.userId === viewer.userId;
}

/** ADMIN: every account. TRADER: own ones. VIEWER: none. */
export function canTrade(viewer: Viewer, account: OwnedAccount): boolean {
  return viewer.role === 'ADMIN' || (viewer.role === 'TRADER' && account.userId === viewer.userId);
}
