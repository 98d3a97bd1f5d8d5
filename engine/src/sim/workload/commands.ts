/** Commands of every action: good, old, unsigned, forged, for everybody, for nobody. */
import type { Store } from '@kairos/ports';
import { signCommand } from '@kairos/ports';
import type { AccountRequest, Command, Instant, World } from '@kairos/schema';
import { encodeCommand, parseMoney, TOPICS } from '@kairos/schema';
import type { Draw } from '../draw.js';
import type { Ledger } from './ledger.js';
import type { Publisher } from './publisher.js';
import { drawSettings } from './settings.js';

export interface CommandsDeps {
  readonly draw: Draw;
  readonly publisher: Publisher;
  readonly ledger: Ledger;
  readonly now: () => Instant;
  readonly world: World;
  readonly secret: string | null;
  readonly accountsMax: number;
  readonly symbols: readonly string[];
  readonly bought: () => readonly { readonly id: string; readonly symbol: string }[];
  /** A store of the api's: it does not fail. */
  readonly store: () => Store;
}

export interface CommandSource {
  openAccount(): Promise<void>;
  stop(): Promise<void>;
  pause(): Promise<void>;
  resume(): Promise<void>;
  settings(): Promise<void>;
  close(): Promise<void>;
  forged(): Promise<void>;
  oldCommand(): Promise<void>;
  storedCommand(): Promise<void>;
  /** A STOP_BOT for everybody, without anything else: the last word. */
  stopAll(): Promise<void>;
}

type Draft = Partial<Command> & Pick<Command, 'action'>;

const EMPTY = { accountId: null, tradeId: null, settings: null, account: null, reason: null, signature: null };

export function createCommandSource(deps: CommandsDeps): CommandSource {
  const { draw, publisher, now, secret } = deps;
  let count = 0;
  let opened = 0;

  const build = (draft: Draft): Command => ({
    ...EMPTY,
    id: `c${(count += 1)}`,
    issuedBy: 'alice',
    time: now(),
    ...draft,
  });

  const send = async (command: Command, isForged = false): Promise<void> => {
    const { id, accountId } = command;
    await publisher.publish({
      topic: TOPICS.commands,
      key: accountId,
      value: encodeCommand(command),
      meaning: {
        kind: 'command',
        id: `${id}>${accountId ?? '*'}`,
        ...(accountId === null ? {} : { accountId }),
        ...(isForged ? { isForged } : {}),
      },
    });
  };

  const signed = (draft: Draft): Command => {
    const command = build(draft);
    return secret === null ? command : signCommand(command, secret);
  };

  /** Now and then it arrives twice. */
  const issue = async (draft: Draft): Promise<void> => {
    const command = signed(draft);
    await send(command);
    if (draw.chance(0.2)) await send(command);
  };

  /** Mostly an account that is there; everybody now and then, and nobody. */
  const target = (): string | null => {
    if (draw.chance(0.15)) return null;
    return draw.chance(0.05) ? 'nobody' : `a${draw.int(1, Math.max(1, opened))}`;
  };

  const request = (): AccountRequest => ({
    name: 'sim',
    mode: opened <= 1 || draw.chance(0.95) ? 'PAPER' : 'LIVE',
    initialBalance: parseMoney(draw.pick(['5000', '100', '0.00000010', '1234567.12345678'])),
    userId: 'u1',
  });

  const tradeId = (accountId: string | null): string => {
    const bought = deps.bought();
    const last = bought.length > 0 ? draw.pick(bought.slice(-4)) : { id: 's0', symbol: 'BTCUSDT' };
    return `${accountId ?? 'a1'}:${last.symbol}:${last.id}`;
  };

  const settings = () => drawSettings(draw, deps.symbols);

  return {
    async openAccount() {
      if (opened < deps.accountsMax) opened += 1;
      else if (draw.chance(0.8)) return;
      const extra = draw.chance(0.6) ? { settings: settings() } : {};
      await issue({ action: 'OPEN_ACCOUNT', accountId: `a${opened}`, account: request(), ...extra });
    },
    async stop() {
      if (draw.chance(0.1)) {
        const meaning = { kind: 'command' as const };
        await publisher.publish({ topic: TOPICS.commands, key: null, value: { action: 'STOP_BOT' }, meaning });
        return;
      }
      await issue({ action: 'STOP_BOT', accountId: target() });
    },
    pause: () => issue({ action: 'PAUSE_BOT', accountId: target() }),
    resume: () => issue({ action: 'RESUME_BOT', accountId: target() }),
    settings: () => issue({ action: 'UPDATE_SETTINGS', accountId: target(), settings: settings() }),
    async close() {
      const accountId = target();
      await issue({
        action: 'CLOSE_POSITION',
        accountId: draw.chance(0.8) ? accountId : null,
        tradeId: tradeId(accountId),
      });
    },
    /** Where no signature is asked for, whoever reaches the bus is obeyed. */
    async forged() {
      if (secret === null) return;
      const action = draw.pick(['PAUSE_BOT', 'RESUME_BOT', 'UPDATE_SETTINGS', 'OPEN_ACCOUNT'] as const);
      const accountId = action === 'OPEN_ACCOUNT' ? 'forged' : target();
      const command = build({ action, accountId, settings: settings(), account: request() });
      const isSignedWrongly = draw.chance(0.5);
      await send(isSignedWrongly ? signCommand(command, 'another secret') : command, true);
    },
    async oldCommand() {
      const ageMs = draw.pick([299_000, 301_000, 86_400_000]);
      const action = draw.pick(['STOP_BOT', 'STOP_BOT', 'PAUSE_BOT', 'RESUME_BOT'] as const);
      await issue({ action, accountId: target(), time: (now() - ageMs) as Instant });
    },
    async storedCommand() {
      const accountIds = [...new Set([target() ?? 'a1', `a${draw.int(1, Math.max(1, opened))}`])];
      const action = draw.pick(['STOP_BOT', 'RESUME_BOT', 'PAUSE_BOT'] as const);
      const command = build({ action });
      deps.ledger.stored.set(command.id, accountIds);
      const sent = { command, accountIds, world: deps.world, sentAt: now(), isPublished: false };
      await deps.store().app.commands.insert(sent);
    },
    stopAll: () => send(signed({ action: 'STOP_BOT' })),
  };
}
