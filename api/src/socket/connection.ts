/**
 * One socket: sends with back-pressure, so that whoever feeds it waits while its reader is slow, and closes a reader
 * that stays slow. Nothing is queued here beyond what the socket itself holds.
 */
import type { IncomingMessage } from 'node:http';
import type { Clock } from '@kairos/ports';
import type { WebSocket } from 'ws';
import type { AccessClaims } from '../auth/access-token.js';
import type { Viewer } from '../context.js';
import type { SocketLimits } from './socket-limits.js';

/** Close codes of this server beside those of the protocol. */
export const CLOSE = {
  goingAway: [1001, 'going-away'],
  tooManyMessages: [1008, 'too-many-messages'],
  tooSlow: [1013, 'too-slow'],
  tooManySockets: [1013, 'too-many-sockets'],
  expired: [4403, 'token-expired'],
  revoked: [4403, 'revoked'],
  forbidden: [4403, 'forbidden'],
  failed: [1011, 'internal-error'],
} as const satisfies Record<string, readonly [number, string]>;
export type Closing = readonly [code: number, reason: string];

export interface Connection {
  readonly request: IncomingMessage;
  readonly protocol: string;
  /** Whose token came with `connection_init`; null before. */
  identity: { readonly claims: AccessClaims; readonly viewer: Viewer } | null;
  /** How many operations are under way. */
  operations: () => number;
  /** Resolves when the next frame may be made; where the socket is closing, once it has closed: the frame is dropped. */
  send(text: string): Promise<void>;
  close(code: number, reason: string): void;
  /** Called with every message until the socket closes; closes the socket when too many come. */
  onMessage(listener: (text: string) => Promise<void>): void;
  /** Looks at the clock: closes a slow reader, cuts one that does not answer. */
  sweep(): void;
  terminate(): void;
}

const RATE_WINDOW_MS = 10_000;

export interface ConnectionDeps {
  readonly clock: Clock;
  readonly limits: SocketLimits;
}

export function createConnection(socket: WebSocket, request: IncomingMessage, deps: ConnectionDeps): Connection {
  const { clock, limits } = deps;
  const gate = createGate(socket, deps);
  const ping = createPing(socket, deps);
  let closingSince: number | null = null;

  const isOpen = () => socket.readyState === socket.OPEN;
  const close = (code: number, reason: string) => {
    closingSince ??= clock.monotonicMs();
    socket.close(code, reason);
  };

  return {
    request,
    protocol: socket.protocol,
    identity: null,
    operations: () => 0,
    async send(text) {
      if (socket.readyState === socket.CLOSED) return;
      if (isOpen()) {
        gate.send(text);
        if (socket.bufferedAmount > limits.bufferedBytesMax) close(...CLOSE.tooSlow);
        else if (!gate.isFull()) return;
      }
      await gate.open();
    },
    close,
    onMessage(listener) {
      const isTooFast = createRate(limits.messagesPer10s, clock);
      socket.on('message', (data) => {
        if (!isOpen()) return;
        if (isTooFast()) return close(...CLOSE.tooManyMessages);
        void listener(String(data));
      });
    },
    sweep() {
      if (closingSince !== null) {
        if (clock.monotonicMs() - closingSince >= limits.closeWaitMs) socket.terminate();
      } else if (gate.isSlow()) {
        close(...CLOSE.tooSlow);
      } else {
        ping();
      }
    },
    terminate: () => socket.terminate(),
  };
}

/** Lets frames out while few bytes wait; who waits goes on when they have drained, or the socket has closed. */
function createGate(socket: WebSocket, { clock, limits }: ConnectionDeps) {
  let waiting: (() => void)[] = [];
  let fullSince: number | null = null;

  const isFull = () => socket.bufferedAmount >= limits.bufferedBytesHigh;
  const release = () => {
    const ready = waiting;
    waiting = [];
    for (const resolve of ready) resolve();
  };
  const onDrain = () => {
    if (socket.readyState !== socket.OPEN || isFull()) return;
    fullSince = null;
    release();
  };
  socket.on('close', release);

  return {
    isFull,
    send(text: string) {
      socket.send(text, onDrain);
      if (isFull()) fullSince ??= clock.monotonicMs();
    },
    open: () => new Promise<void>((resolve) => waiting.push(resolve)),
    isSlow: () => fullSince !== null && clock.monotonicMs() - fullSince >= limits.slowReaderMs,
  };
}

/** Pings when it is time; a socket that has not answered the last one is cut. */
function createPing(socket: WebSocket, { clock, limits }: ConnectionDeps): () => void {
  let lastAt = clock.monotonicMs();
  let isAnswered = true;
  socket.on('pong', () => (isAnswered = true));
  return () => {
    if (clock.monotonicMs() - lastAt < limits.pingMs) return;
    if (!isAnswered) return socket.terminate();
    isAnswered = false;
    lastAt = clock.monotonicMs();
    socket.ping();
  };
}

/** Counts calls; true from the one on that is too many within its window. */
function createRate(max: number, clock: Clock): () => boolean {
  let windowStart = clock.monotonicMs();
  let count = 0;
  return () => {
    const now = clock.monotonicMs();
    if (now - windowStart >= RATE_WINDOW_MS) {
      windowStart = now;
      count = 0;
    }
    return ++count > max;
  };
}
