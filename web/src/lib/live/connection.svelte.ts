/**
 * The page's line to the API: streams that outlive their sockets.
 *
 * A lost socket is reopened with back-off and jitter, one refused for its token after a new token was got. Shortly
 * before a token ends a second socket takes the streams over before the first is let go: each stream is asked for its
 * variables anew, so that facts go on after the last one taken, and what both sockets deliver is the reducer's to
 * recognise.
 */
import { print } from 'graphql';
import { ApiError, fromWire } from '../api/errors.js';
import { backoffMs, isTokenRefused } from './backoff.js';
import type { Socket } from './socket.js';
import type { ConnectionDeps, Phase, Stream, StreamRequest } from './stream.js';

/** A socket that says nothing for this long is given up: the API speaks at least every 2 s. */
export const SILENCE_MAX_MS = 12_000;
/** A socket that stood this long starts the back-off anew. */
export const STEADY_AFTER_MS = 10_000;

interface Line {
  readonly socket: Socket;
  openedAt: number | null;
  heardAt: number;
}

interface Entry {
  readonly query: string;
  readonly variables: () => Record<string, unknown>;
  readonly next: (data: unknown) => void;
  readonly failed: (error: ApiError) => void;
  end: (() => void) | null;
}

export class Connection {
  readonly #deps: ConnectionDeps;
  readonly #entries = new Set<Entry>();
  readonly #listeners = new Set<() => void>();
  #phase = $state.raw<Phase>({ name: 'idle' });
  #line: Line | null = null;
  #successor: Line | null = null;
  #attempt = 0;
  #cancelWait: (() => void) | null = null;
  #cancelWatch: (() => void) | null = null;

  constructor(deps: ConnectionDeps) {
    this.#deps = deps;
  }

  get phase(): Phase {
    return this.#phase;
  }

  get isOpen(): boolean {
    return this.#phase.name === 'open';
  }

  /** Opens the first socket. Does nothing while started. */
  start(): void {
    if (this.#phase.name === 'idle') this.#connect();
  }

  /** Ends everything; streams stay registered for the next start. */
  stop(): void {
    this.#cancelWait?.();
    this.#cancelWatch?.();
    this.#drop(this.#successor);
    this.#drop(this.#line);
    this.#line = null;
    this.#successor = null;
    this.#attempt = 0;
    this.#phase = { name: 'idle' };
  }

  /** Tries again now instead of after the wait. */
  retryNow(): void {
    if (this.#phase.name === 'waiting') this.#connect();
  }

  /** Called after every opening that followed a loss, streams subscribed: time to query anew. */
  onOpen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Keeps a stream going over reconnections. */
  stream<Data, Variables extends Record<string, unknown>>(request: StreamRequest<Data, Variables>): Stream {
    const entry: Entry = {
      query: print(request.document),
      variables: request.variables,
      next: (data) => request.next(data as Data),
      failed: request.failed,
      end: null,
    };
    this.#entries.add(entry);
    if (this.isOpen) this.#subscribe(entry);
    return {
      restart: () => {
        if (this.isOpen && this.#entries.has(entry)) this.#subscribe(entry);
      },
      stop: () => {
        this.#entries.delete(entry);
        entry.end?.();
        entry.end = null;
      },
    };
  }

  /** Moves every stream to a new socket with the newest token; the old one serves until the new one stands. */
  handOver(): void {
    if (!this.isOpen || this.#successor) return;
    this.#successor = this.#openLine();
  }

  #connect(): void {
    this.#cancelWait?.();
    this.#phase = { name: 'connecting' };
    const line = this.#openLine();
    if (line) this.#line = line;
    else this.#wait();
  }

  #openLine(): Line | null {
    const authorization = this.#deps.authorization();
    if (authorization === null) return null;
    const { timing } = this.#deps;
    const socket = this.#deps.open(authorization, {
      opened: () => this.#opened(line),
      heard: () => {
        line.heardAt = timing.now();
      },
      closed: (code) => this.#closed(line, code),
    });
    const line: Line = { socket, openedAt: null, heardAt: timing.now() };
    return line;
  }

  #opened(line: Line): void {
    line.openedAt = this.#deps.timing.now();
    const isHandOver = line === this.#successor;
    if (!isHandOver && line !== this.#line) return;
    const former = isHandOver ? this.#line : null;
    const formerEnds = [...this.#entries].map((entry) => entry.end);
    this.#line = line;
    this.#successor = null;
    this.#phase = { name: 'open' };
    for (const entry of this.#entries) {
      entry.end = null;
      this.#subscribe(entry);
    }
    if (former) for (const end of formerEnds) end?.();
    this.#drop(former);
    this.#watch(line);
    if (!isHandOver) for (const listener of this.#listeners) listener();
  }

  #subscribe(entry: Entry): void {
    const { socket } = this.#line as Line;
    entry.end?.();
    let isCurrent = true;
    const end = socket.subscribe(
      { query: entry.query, variables: entry.variables() },
      {
        next: (data) => {
          if (isCurrent) entry.next(data);
        },
        ended: (errors) => {
          if (!isCurrent) return;
          isCurrent = false;
          const [error] = errors;
          entry.failed(error ? fromWire(error) : new ApiError('UNAVAILABLE', 'The API ended the stream.'));
        },
      },
    );
    entry.end = () => {
      isCurrent = false;
      end();
    };
  }

  #closed(line: Line, code: number): void {
    if (line === this.#successor) {
      this.#successor = null;
      return;
    }
    if (line !== this.#line) return;
    this.#line = null;
    this.#cancelWatch?.();
    this.#drop(this.#successor);
    this.#successor = null;
    const stood = line.openedAt === null ? 0 : this.#deps.timing.now() - line.openedAt;
    if (stood > STEADY_AFTER_MS) this.#attempt = 0;
    if (isTokenRefused(code)) void this.#renew();
    else this.#wait();
  }

  async #renew(): Promise<void> {
    this.#phase = { name: 'connecting' };
    const isRenewed = await this.#deps.renew();
    if (this.#phase.name !== 'connecting' || this.#line) return;
    if (isRenewed && this.#attempt === 0) {
      this.#attempt = 1;
      this.#connect();
    } else this.#wait();
  }

  #wait(): void {
    const { timing } = this.#deps;
    const ms = backoffMs(this.#attempt, timing.random());
    this.#attempt += 1;
    this.#phase = { name: 'waiting', retryAt: timing.now() + ms };
    this.#cancelWait = timing.after(ms, () => this.#connect());
  }

  #watch(line: Line): void {
    this.#cancelWatch?.();
    this.#cancelWatch = this.#deps.timing.after(SILENCE_MAX_MS / 4, () => {
      if (line !== this.#line) return;
      if (this.#deps.timing.now() - line.heardAt <= SILENCE_MAX_MS) return this.#watch(line);
      this.#drop(line);
      this.#closed(line, 1006);
    });
  }

  #drop(line: Line | null): void {
    line?.socket.close();
  }
}
