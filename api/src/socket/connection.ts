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

export function createConnection(
  socket: WebSocket,
  request: IncomingMessage,
  { clock, limits }: { readonly clock: Clock; readonly limits: SocketLimits },
): Connection {
  let waiting: (() => void)[] = [];
  let slowSince: number | null = null;
  let closingSince: number | null = null;
  let lastPingAt = clock.monotonicMs();
  let isAnswered = true;

  const isOpen = () => socket.readyState === socket.OPEN;
  const isFull = () => isOpen() && socket.bufferedAmount >= limits.bufferedBytesHigh;
  const release = () => {
    const ready = waiting;
    waiting = [];
    for (const resolve of ready) resolve();
  };
  const onDrain = () => {
    if (!isOpen() || isFull()) return;
    slowSince = null;
    release();
  };
  const close = (code: number, reason: string) => {
    closingSince ??= clock.monotonicMs();
    socket.close(code, reason);
  };
  const ping = (now: number) => {
    if (!isAnswered) return socket.terminate();
    isAnswered = false;
    lastPingAt = now;
    socket.ping();
  };
  socket.on('pong', () => (isAnswered = true));
  socket.on('close', release);

  return {
    request,
    protocol: socket.protocol,
    identity: null,
    operations: () => 0,
    async send(text) {
      if (socket.readyState === socket.CLOSED) return;
      if (isOpen()) {
        socket.send(text, onDrain);
        if (socket.bufferedAmount > limits.bufferedBytesMax) close(...CLOSE.tooSlow);
        else if (!isFull()) return;
        else slowSince ??= clock.monotonicMs();
      }
      await new Promise<void>((resolve) => waiting.push(resolve));
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
      const now = clock.monotonicMs();
      if (closingSince !== null) {
        if (now - closingSince >= limits.closeWaitMs) socket.terminate();
      } else if (slowSince !== null && now - slowSince >= limits.slowReaderMs) {
        close(...CLOSE.tooSlow);
      } else if (now - lastPingAt >= limits.pingMs) {
        ping(now);
      }
    },
    terminate: () => socket.terminate(),
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
