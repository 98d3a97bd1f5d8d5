/** One WebSocket that speaks graphql-transport-ws: opened with one token, never reopened. */
import { createClient } from 'graphql-ws';
import type { WireError } from '../api/errors.js';

/** Longest wait for the server's acknowledgement. */
export const ACKNOWLEDGE_TIMEOUT_MS = 10_000;

export interface SocketRequest {
  readonly query: string;
  readonly variables: Record<string, unknown>;
}

export interface SocketSink {
  next(data: unknown): void;
  /** The server ended the stream; empty when it gave no reason. */
  ended(errors: readonly WireError[]): void;
}

export interface Socket {
  /** Starts a stream; the returned function ends it. */
  subscribe(request: SocketRequest, sink: SocketSink): () => void;
  close(): void;
}

export interface SocketEvents {
  /** The server has taken the token. */
  opened(): void;
  /** Anything came. */
  heard(): void;
  /** Called once, also when it never opened; not after `close()`. */
  closed(code: number, reason: string): void;
}

export type OpenSocket = (authorization: string, events: SocketEvents) => Socket;

/** Opens sockets at a URL (ws: or wss:). */
export function socketsAt(url: string): OpenSocket {
  return (authorization, events) => {
    let isOver = false;
    const over = (code: number, reason: string): void => {
      if (isOver) return;
      isOver = true;
      events.closed(code, reason);
    };
    const client = createClient({
      url,
      lazy: false,
      retryAttempts: 0,
      connectionAckWaitTimeout: ACKNOWLEDGE_TIMEOUT_MS,
      connectionParams: { authorization },
      onNonLazyError: () => over(1006, ''),
      on: {
        connected: () => {
          if (!isOver) events.opened();
        },
        message: () => {
          if (!isOver) events.heard();
        },
        closed: (event) => over((event as CloseEvent).code, (event as CloseEvent).reason),
      },
    });
    return {
      subscribe: (request, sink) =>
        client.subscribe(
          request,
          toSink(sink, () => isOver),
        ),
      close: () => {
        isOver = true;
        void client.dispose();
      },
    };
  };
}

type ClientSink = Parameters<ReturnType<typeof createClient>['subscribe']>[1];

function toSink(sink: SocketSink, isOver: () => boolean): ClientSink {
  return {
    next: (result) => {
      if (result.data) sink.next(result.data);
      else if (result.errors) sink.ended(result.errors as readonly WireError[]);
    },
    error: (error) => {
      if (Array.isArray(error)) sink.ended(error as readonly WireError[]);
    },
    complete: () => {
      if (!isOver()) sink.ended([]);
    },
  };
}
