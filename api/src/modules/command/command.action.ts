/** What people may ask of the engine: who may ask it, of which accounts, and with what. */
import { randomUUID } from 'node:crypto';
import { isPortError } from '@kairos/ports';
import type { AccountView } from '@kairos/ports';
import type { CommandAction, SettingsPatch } from '@kairos/schema';
import { parseSettingsPatch, REASON_LENGTH_MAX, SECOND_MS, SettingsError } from '@kairos/schema';
import type { ApiContext } from '../../context.js';
import { BadInputError, ConflictError } from '../../graphql/errors.js';
import { within } from '../../live/within.js';
import { allAccounts, requireTrader, tradableAccount, tradableAmong } from '../account/account.access.js';
import type { AccountSettingsInput } from '../account/account.type.js';
import type { Optional } from '../arguments.js';
import { readableTrade } from '../trade/trade.query.js';
import { toCommand } from './command.query.js';
import type { CommandRequest } from './command.sender.js';
import { createCommandSender } from './command.sender.js';
import type { CommandType } from './command.type.js';

/** How long the store is waited for before accounts are taken as they were last read. */
const ACCOUNTS_LIMIT_MS = SECOND_MS / 2;

/** STOP_BOT: also while the store does not answer. @throws ForbiddenError, NotFoundError, UnavailableError */
export async function panicStop(context: ApiContext, id: Optional<string>, reason: Optional<string>) {
  const begunAtMs = context.deps.clock.monotonicMs();
  const views = await accountsEvenIfDown(context);
  const accountIds = idsOf(tradableAmong(context, views, id));
  return send(context, { action: 'STOP_BOT', accountIds, reason: reasonOf(reason), begunAtMs });
}

/** PAUSE_BOT or RESUME_BOT. @throws ForbiddenError, NotFoundError, BadInputError, UnavailableError */
export async function pauseOrResume(
  context: ApiContext,
  action: 'PAUSE_BOT' | 'RESUME_BOT',
  { accountId, reason }: { readonly accountId: Optional<string>; readonly reason: Optional<string> },
): Promise<CommandType> {
  requireTrader(context);
  const accountIds = idsOf(tradableAmong(context, await allAccounts(context), accountId));
  return send(context, { action, accountIds, reason: reasonOf(reason) });
}

/** CLOSE_POSITION. @throws ForbiddenError, NotFoundError, ConflictError, UnavailableError */
export async function closePosition(context: ApiContext, tradeId: string): Promise<CommandType> {
  requireTrader(context);
  const trade = await readableTrade(context, tradeId);
  if (trade.status === 'CLOSED') throw new ConflictError('This trade is closed already. Query it again.');
  return send(context, { action: 'CLOSE_POSITION', accountIds: [trade.accountId], tradeId: trade.id });
}

/** UPDATE_SETTINGS. @throws ForbiddenError, NotFoundError, BadInputError naming each wrong setting, UnavailableError */
export async function updateSettings(
  context: ApiContext,
  accountId: Optional<string>,
  input: AccountSettingsInput,
): Promise<CommandType> {
  const { account } = await tradableAccount(context, accountId);
  return send(context, { action: 'UPDATE_SETTINGS', accountIds: [account.id], settings: settingsOf(input) });
}

type Asked = Pick<CommandRequest, 'accountIds'> &
  Partial<Pick<CommandRequest, 'tradeId' | 'settings' | 'reason'>> & {
    readonly action: CommandAction;
    readonly begunAtMs?: number;
  };

async function send(context: ApiContext, { begunAtMs, ...asked }: Asked): Promise<CommandType> {
  const { config, world } = context.deps;
  const sender = createCommandSender({ ...context.deps, newId: randomUUID }, { world, secret: config.COMMAND_SECRET });
  const request = { tradeId: null, settings: null, reason: null, ...asked, issuedBy: requireTrader(context).username };
  return toCommand(await sender.send(request, begunAtMs));
}

/** The accounts of this world; as they were last read while the store does not answer. */
async function accountsEvenIfDown(context: ApiContext): Promise<readonly AccountView[]> {
  const { clock, live } = context.deps;
  requireTrader(context);
  try {
    return await within(clock, ACCOUNTS_LIMIT_MS, allAccounts(context));
  } catch (error) {
    if (!isPortError(error) || live.knownAccounts().length === 0) throw error;
    return live.knownAccounts();
  }
}

const idsOf = (views: readonly AccountView[]): [string, ...string[]] =>
  views.map((view) => view.account.id) as [string, ...string[]];

function reasonOf(reason: Optional<string>): string | null {
  if (reason && reason.length > REASON_LENGTH_MAX) {
    throw new BadInputError(`reason: expected at most ${REASON_LENGTH_MAX} characters, found ${reason.length}.`);
  }
  return reason ? reason : null;
}

function settingsOf(input: AccountSettingsInput): SettingsPatch {
  try {
    const patch = parseSettingsPatch({ ...input });
    if (Object.keys(patch).length === 0) throw new BadInputError('settings: expected at least one, found none.');
    return patch;
  } catch (error) {
    if (error instanceof SettingsError) throw new BadInputError(`settings: ${error.message}`);
    throw error;
  }
}
