/** Commands that this page follows: each from its request to its last step, over reconnections. */
import type { Api } from '../api/client.js';
import type { Command } from '../api/fragments.js';
import { commandQuery } from '../api/operations.js';
import { commandSubscription } from '../api/subscriptions.js';
import { isSettled, reduceCommand } from './command.js';
import type { Connection } from './connection.svelte.js';
import type { Stream } from './stream.js';
import type { Timing } from './timing.js';

/** Commands remembered at the most; the oldest settled ones are dropped. */
export const COMMANDS_MAX = 20;
/** From a question about a command that found no answer to the next. */
export const ASK_AGAIN_MS = 2_000;

export class TrackedCommand {
  readonly id: string;
  #command = $state.raw<Command>() as Command;
  /** When each step was first seen here: milliseconds after the request was sent from this page; null if not from here. */
  #seenMs = $state.raw<readonly (number | null)[]>([]);
  readonly #sentAt: number | null;

  constructor(command: Command, sentAt: number | null) {
    this.id = command.id;
    this.#command = command;
    this.#sentAt = sentAt;
  }

  get command(): Command {
    return this.#command;
  }

  get seenMs(): readonly (number | null)[] {
    return this.#seenMs;
  }

  see(command: Command, now: number): void {
    this.#command = reduceCommand(this.#command, command);
    const sentAt = this.#sentAt;
    const fresh = this.#command.steps.slice(this.#seenMs.length);
    this.#seenMs = [...this.#seenMs, ...fresh.map(() => (sentAt === null ? null : now - sentAt))];
  }
}

export interface CommandsDeps {
  readonly api: Api;
  readonly connection: Connection;
  readonly timing: Timing;
}

export class Commands {
  readonly #deps: CommandsDeps;
  #tracked = $state.raw<readonly TrackedCommand[]>([]);
  readonly #streams = new Map<string, Stream>();
  readonly #retries = new Map<string, () => void>();
  readonly #settled = new Map<string, (command: Command) => void>();
  #stopListening: (() => void) | null = null;

  constructor(deps: CommandsDeps) {
    this.#deps = deps;
  }

  /** Newest first. */
  get tracked(): readonly TrackedCommand[] {
    return this.#tracked;
  }

  /** The newest command of an action that concerns an account; undefined when none is followed. */
  newest(action: string, accountId: string): TrackedCommand | undefined {
    return this.#tracked.find(
      ({ command }) =>
        command.action === action && (command.accountIds.length === 0 || command.accountIds.includes(accountId)),
    );
  }

  /**
   * Follows a command until it is settled. `sentAt`: the page's monotonic time of the request, null when it was asked
   * elsewhere. `onSettled` is called once, with its end.
   */
  follow(command: Command, sentAt: number | null, onSettled?: (command: Command) => void): TrackedCommand {
    const known = this.#tracked.find((tracked) => tracked.id === command.id);
    const tracked = known ?? new TrackedCommand(command, sentAt);
    if (!known) this.#tracked = this.#withRoom([tracked, ...this.#tracked]);
    if (onSettled) this.#settled.set(command.id, onSettled);
    if (!known && !isSettled(command)) this.#listen(tracked);
    this.#see(tracked, command);
    return tracked;
  }

  stop(): void {
    this.#stopListening?.();
    this.#stopListening = null;
    for (const stream of this.#streams.values()) stream.stop();
    for (const cancel of this.#retries.values()) cancel();
    this.#streams.clear();
    this.#retries.clear();
    this.#settled.clear();
    this.#tracked = [];
  }

  #listen(tracked: TrackedCommand): void {
    const stream = this.#deps.connection.stream({
      document: commandSubscription,
      variables: () => ({ id: tracked.id }),
      next: ({ commandUpdated }) => this.#see(tracked, commandUpdated),
      failed: () => void this.#ask(tracked),
    });
    this.#streams.set(tracked.id, stream);
    this.#stopListening ??= this.#deps.connection.onOpen(() => this.#askAll());
    void this.#ask(tracked);
  }

  #askAll(): void {
    for (const tracked of this.#tracked) if (!isSettled(tracked.command)) void this.#ask(tracked);
  }

  async #ask(tracked: TrackedCommand): Promise<void> {
    const asked = this.#deps.api.query(commandQuery, { id: tracked.id });
    const found = await asked.then(
      ({ data, errors }) => (errors.length > 0 ? 'unanswered' : data.command),
      () => 'unanswered' as const,
    );
    if (found === 'unanswered') this.#askAgain(tracked);
    else if (found) this.#see(tracked, found);
  }

  /** Its steps may have passed while nothing answered: it is asked for until something does. */
  #askAgain(tracked: TrackedCommand): void {
    if (this.#retries.has(tracked.id) || !this.#streams.has(tracked.id)) return;
    const cancel = this.#deps.timing.after(ASK_AGAIN_MS, () => {
      this.#retries.delete(tracked.id);
      void this.#ask(tracked);
    });
    this.#retries.set(tracked.id, cancel);
  }

  #see(tracked: TrackedCommand, command: Command): void {
    tracked.see(command, this.#deps.timing.now());
    if (!isSettled(tracked.command)) return;
    this.#streams.get(tracked.id)?.stop();
    this.#streams.delete(tracked.id);
    this.#settled.get(tracked.id)?.(tracked.command);
    this.#settled.delete(tracked.id);
  }

  #withRoom(tracked: readonly TrackedCommand[]): readonly TrackedCommand[] {
    let excess = tracked.length - COMMANDS_MAX;
    if (excess <= 0) return tracked;
    return tracked
      .toReversed()
      .filter((one) => !(isSettled(one.command) && excess-- > 0))
      .toReversed();
  }
}
