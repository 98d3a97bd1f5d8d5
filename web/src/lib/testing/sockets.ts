/** Sockets that the test opens, feeds and closes by hand. */
import type { WireError } from '../api/errors.js';
import type { OpenSocket, SocketEvents, SocketSink } from '../live/socket.js';

export interface FakeStream {
  readonly name: string;
  readonly variables: Record<string, unknown>;
  isEnded: boolean;
  next(data: unknown): void;
  ended(errors: readonly WireError[]): void;
}

export class FakeSocket {
  readonly streams: FakeStream[] = [];
  isClosed = false;
  readonly authorization: string;
  readonly #events: SocketEvents;

  constructor(authorization: string, events: SocketEvents) {
    this.authorization = authorization;
    this.#events = events;
  }

  accept(): void {
    this.#events.opened();
  }

  lose(code: number, reason: string = ''): void {
    this.isClosed = true;
    this.#events.closed(code, reason);
  }

  hear(): void {
    this.#events.heard();
  }

  /** The running streams of an operation. */
  running(name: string): FakeStream[] {
    return this.streams.filter((stream) => stream.name === name && !stream.isEnded);
  }

  add(query: string, variables: Record<string, unknown>, sink: SocketSink): () => void {
    const name = /subscription (\w+)/.exec(query)?.[1] ?? '';
    const stream: FakeStream = {
      name,
      variables,
      isEnded: false,
      next: (data) => sink.next(data),
      ended: (errors) => sink.ended(errors),
    };
    this.streams.push(stream);
    return () => {
      stream.isEnded = true;
    };
  }
}

export class FakeSockets {
  readonly all: FakeSocket[] = [];

  get last(): FakeSocket {
    const socket = this.all.at(-1);
    if (!socket) throw new Error('No socket was opened');
    return socket;
  }

  readonly open: OpenSocket = (authorization, events) => {
    const socket = new FakeSocket(authorization, events);
    this.all.push(socket);
    return {
      subscribe: ({ query, variables }, sink) => socket.add(query, variables, sink),
      close: () => {
        socket.isClosed = true;
      },
    };
  };
}
