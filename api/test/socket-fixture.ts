/** A socket as a client opens it, message by message. */
import WebSocket from 'ws';

export interface Message {
  readonly type: string;
  readonly id?: string;
  readonly payload?: unknown;
}

export interface TestSocket {
  readonly raw: WebSocket;
  send(message: object | string): void;
  /** The next message; rejects when the socket closes first. */
  next(): Promise<Message>;
  /** Every message that has come and was not asked for. */
  readonly unread: readonly Message[];
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface SocketOptions {
  readonly headers?: Record<string, string>;
  readonly path?: string;
  readonly protocol?: string;
}

/** Resolves when it is open. Rejects with the status where the upgrade is refused. */
export function openSocket(port: number, options: SocketOptions = {}): Promise<TestSocket> {
  const { headers = {}, path = '/graphql', protocol = 'graphql-transport-ws' } = options;
  const raw = new WebSocket(`ws://127.0.0.1:${port}${path}`, protocol, { headers, perMessageDeflate: true });
  const unread: Message[] = [];
  let waiting: { resolve: (message: Message) => void; reject: (error: Error) => void }[] = [];
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    raw.on('close', (code, reason) => {
      resolve({ code, reason: String(reason) });
      for (const one of waiting) one.reject(new Error(`closed ${code} ${String(reason)}`));
      waiting = [];
    });
  });
  raw.on('message', (data: Buffer) => {
    const message = JSON.parse(String(data)) as Message;
    const first = waiting.shift();
    if (first) first.resolve(message);
    else unread.push(message);
  });
  const socket: TestSocket = {
    raw,
    send: (message) => raw.send(typeof message === 'string' ? message : JSON.stringify(message)),
    next() {
      const message = unread.shift();
      return message ? Promise.resolve(message) : new Promise((resolve, reject) => waiting.push({ resolve, reject }));
    },
    unread,
    closed,
    async [Symbol.asyncDispose]() {
      raw.terminate();
      await closed;
    },
  };
  return new Promise((resolve, reject) => {
    raw.once('open', () => resolve(socket));
    raw.once('unexpected-response', (_request, response) => reject(new Error(String(response.statusCode))));
    raw.once('error', reject);
  });
}

/** A socket that has been let in. */
export async function openSession(port: number, token: string): Promise<TestSocket> {
  const socket = await openSocket(port);
  socket.send({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } });
  const answer = await socket.next();
  if (answer.type !== 'connection_ack') throw new Error(`expected connection_ack, found ${answer.type}`);
  return socket;
}
