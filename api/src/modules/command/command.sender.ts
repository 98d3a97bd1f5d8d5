/**
 * Sends commands: kept in the store first, then published, one message per account with the same id.
 *
 * One of the two is enough for it to be obeyed: while the bus is down the trader obeys from the store, while the store is
 * down the message on the bus will do. With both down the answer says what is not done, within 2 s.
 */
import type { AuditEntry, Bus, Clock, Log, SentCommand, Store } from '@kairos/ports';
import { signCommand } from '@kairos/ports';
import type { Command, Instant, World } from '@kairos/schema';
import { encodeCommand, TOPICS } from '@kairos/schema';
import { UnavailableError } from '../../graphql/errors.js';
import type { CommandView } from '../../live/command-view.js';
import { commandView } from '../../live/command-view.js';
import { within } from '../../live/within.js';

/** What is asked, of which accounts. */
export interface CommandRequest extends Pick<Command, 'action' | 'tradeId' | 'settings' | 'reason'> {
  readonly accountIds: readonly [string, ...string[]];
  readonly issuedBy: string;
}

export interface CommandSenderDeps {
  readonly bus: Bus;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  /** A new random id. */
  readonly newId: () => string;
}

export interface CommandSenderOptions {
  readonly world: World;
  /** COMMAND_SECRET; null = commands are not signed. */
  readonly secret: string | null;
}

export interface CommandSender {
  /** Returns at once with status SENT or STORED. @throws UnavailableError when neither bus nor store took it */
  send(request: CommandRequest, begunAtMs?: number): Promise<CommandView>;
}

/** How long the whole may take, and of that the store: the rest is the bus's. */
export const SEND_LIMIT_MS = 1_900;
const STORE_LIMIT_MS = 600;
/** What the bus gets at least. */
const PUBLISH_LIMIT_MIN_MS = 300;

export function createCommandSender(deps: CommandSenderDeps, { world, secret }: CommandSenderOptions): CommandSender {
  const { bus, store, clock, log, newId } = deps;

  const attempt = async (what: string, limitMs: number, work: () => Promise<unknown>): Promise<boolean> => {
    try {
      await within(clock, limitMs, work());
      return true;
    } catch (error) {
      log.warn({ error }, what);
      return false;
    }
  };
  const publish = (command: Command, accountIds: readonly string[]): Promise<unknown> =>
    bus.publish(
      TOPICS.commands,
      accountIds.map((accountId) => ({
        key: accountId,
        value: encodeCommand(signed({ ...command, accountId }, secret)),
      })),
    );

  return {
    async send({ accountIds, ...request }, begunAtMs = clock.monotonicMs()) {
      const leftMs = (): number => begunAtMs + SEND_LIMIT_MS - clock.monotonicMs();
      const sentAt = clock.now();
      const command = commandOf(request, { id: newId(), accountIds, sentAt });
      const row: SentCommand = { command: signed(command, secret), accountIds, world, sentAt, isPublished: false };
      const storeLimitMs = Math.max(0, Math.min(STORE_LIMIT_MS, leftMs() - PUBLISH_LIMIT_MIN_MS));
      const isStored = await attempt('A command cannot be kept in the store', storeLimitMs, () =>
        store.app.commands.insert(row),
      );
      const isPublished = await attempt('A command cannot be published', Math.max(PUBLISH_LIMIT_MIN_MS, leftMs()), () =>
        publish(command, accountIds),
      );
      if (!isStored && !isPublished) throw nothingDone(command);
      if (isStored)
        await attempt('A command cannot be noted', storeLimitMs, () => note(store, row, { isPublished, newId }));
      return commandView({ command, accountIds, steps: [], isPublished, sentAt });
    },
  };
}

/** Marks it as published and writes who asked for what into the audit. */
async function note(
  store: Store,
  { command, accountIds, sentAt }: SentCommand,
  { isPublished, newId }: { readonly isPublished: boolean; readonly newId: () => string },
): Promise<void> {
  if (isPublished) await store.app.commands.markPublished(command.id);
  for (const accountId of accountIds) {
    const entry: AuditEntry = {
      id: newId(),
      time: sentAt,
      actor: command.issuedBy ?? '',
      action: command.action,
      detail: `command ${command.id}${command.reason === null ? '' : `: ${command.reason}`}`,
      accountId,
    };
    await store.app.audit.append(entry);
  }
}

function commandOf(
  request: Omit<CommandRequest, 'accountIds'>,
  sent: { readonly id: string; readonly accountIds: readonly string[]; readonly sentAt: Instant },
): Command {
  return {
    ...request,
    id: sent.id,
    accountId: sent.accountIds.length === 1 ? (sent.accountIds[0] ?? null) : null,
    account: null,
    time: sent.sentAt,
    signature: null,
  };
}

const signed = (command: Command, secret: string | null): Command =>
  secret === null ? command : signCommand(command, secret);

const nothingDone = (command: Command): UnavailableError =>
  new UnavailableError(
    `Neither bus nor store answers: ${command.action} was not sent and not kept, as far as can be told. Try again.`,
  );
