/** Refusals of the app store in words, the same for every adapter. */
import { PortError } from '../errors.js';
import type { StoredUser } from './app-store.js';

export const userTaken = (user: StoredUser): PortError =>
  new PortError('CONFLICT', `expected a new user, found ${user.id} or the name ${user.normalizedName} taken`);

export const userChanged = (user: StoredUser, expectedVersion: number): PortError =>
  new PortError(
    'CONFLICT',
    `expected user ${user.id} at version ${expectedVersion}, found it changed or gone: read it again`,
  );

export const commandTaken = (id: string): PortError =>
  new PortError('CONFLICT', `expected a new command, found ${id} stored already`);
