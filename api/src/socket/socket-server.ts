/**
 * The socket side of /graphql: who may open one, who is closed when. A token that ends, is revoked or lost rights ends
 * its sockets within one sweep; a stop closes all of them with 1001.
 */
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Log } from '@kairos/ports';
import { orLate } from '@kairos/ports';
import { handleProtocols } from 'graphql-ws';
import type { WebSocket } from 'ws';
import { WebSocketServer } from 'ws';
import type { Transport } from '../context.js';
import type { Metrics } from '../http/metrics.js';
import type { RequestRules } from '../http/requests.js';
import { clientAddress, isOwnHost, isSecure, originKind } from '../http/requests.js';
import type { Connection } from './connection.js';
import { CLOSE, createConnection } from './connection.js';
import type { ProtocolDeps } from './protocol.js';
import { closingOf, createProtocol } from './protocol.js';

export interface SocketServerDeps extends Omit<ProtocolDeps, 'transportOf' | 'isOneTooMany'> {
  readonly rules: RequestRules;
  readonly metrics: Metrics;
}

export interface SocketServer {
  /** Takes the upgrades of a server and begins to sweep. */
  attach(server: Server): void;
  sockets(): number;
  operations(): number;
  /** Closes every socket, within `closeWaitMs`. */
  stop(): Promise<void>;
}

const PATH = '/graphql';
const STATUS_TEXTS = { 403: 'Forbidden', 404: 'Not Found', 421: 'Misdirected Request', 503: 'Service Unavailable' };
type RefusalStatus = keyof typeof STATUS_TEXTS;

export function createSocketServer(deps: SocketServerDeps): SocketServer {
  const { limits, rules } = deps;
  const { clock, log } = deps.api;
  const connections = new Set<Connection>();
  const stopping = new AbortController();
  const wss = new WebSocketServer({
    noServer: true,
    maxPayload: limits.messageBytes,
    perMessageDeflate: false,
    handleProtocols: (protocols) => handleProtocols(protocols),
  });
  const open = createOpener(deps, connections);
  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', (error) => log.debug({ error: error.message }, 'An upgrade failed.'));
    const isFull = stopping.signal.aborted || connections.size >= limits.sockets;
    const status = isFull ? 503 : refusalOf(request, rules);
    if (status !== null) return refuse(socket, status);
    wss.handleUpgrade(request, socket, head, (webSocket) => open(webSocket, request));
  };

  return {
    attach(server) {
      server.on('upgrade', upgrade);
      void sweep(deps, connections, stopping.signal);
    },
    sockets: () => connections.size,
    operations: () => [...connections].reduce((sum, connection) => sum + connection.operations(), 0),
    async stop() {
      stopping.abort();
      for (const connection of connections) connection.close(...CLOSE.goingAway);
      const closed = new Promise<void>((resolve) => wss.close(() => resolve()));
      await orLate(clock, limits.closeWaitMs, closed);
      for (const connection of connections) connection.terminate();
    },
  };
}

/** Gives each new socket to the protocol, and keeps it among the connections until it closes. */
function createOpener(deps: SocketServerDeps, connections: Set<Connection>) {
  const { limits, rules, metrics } = deps;
  const { clock, log } = deps.api;
  const protocol = createProtocol({
    ...deps,
    transportOf: (connection) => socketTransport(connection, rules),
    isOneTooMany: (userId) => {
      const own = [...connections].filter((other) => other.identity?.viewer.userId === userId);
      return own.length >= limits.socketsPerUser;
    },
  });
  return (socket: WebSocket, request: IncomingMessage): void => {
    const connection = createConnection(socket, request, { clock, limits });
    connections.add(connection);
    const closed = protocol.opened(protocolSocket(connection, log), { connection });
    socket.on('error', (error) => log.debug({ error: error.message }, 'A socket failed.'));
    socket.once('close', (code, reason) => {
      connections.delete(connection);
      metrics.socketClosed(code);
      closed(code, String(reason)).catch((error: unknown) => logFailure(log, error));
    });
  };
}

/** Looks at every socket now and then: its reader, and whether its token is still good. */
async function sweep(
  { api, limits, viewers }: SocketServerDeps,
  connections: ReadonlySet<Connection>,
  signal: AbortSignal,
): Promise<void> {
  const check = async (connection: Connection) => {
    connection.sweep();
    if (!connection.identity) return;
    const result = await viewers.check(connection.identity.claims);
    if (!result.ok) connection.close(...closingOf(result.reason));
  };
  while (!signal.aborted) {
    await api.clock.sleep(limits.sweepMs, signal);
    const results = await Promise.allSettled([...connections].map(check));
    const failed = results.find((result) => result.status === 'rejected');
    if (failed) logFailure(api.log, failed.reason);
  }
}

/** Why an upgrade is refused; null when it may go on. */
function refusalOf(request: IncomingMessage, rules: RequestRules): RefusalStatus | null {
  if (!isOwnHost(request, rules)) return 421;
  if (originKind(request, rules) === 'FOREIGN') return 403;
  return request.url?.split('?')[0] === PATH ? null : 404;
}

function refuse(socket: Duplex, status: RefusalStatus): void {
  const head = `HTTP/1.1 ${status} ${STATUS_TEXTS[status]}`;
  socket.end(`${head}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

/** What the protocol needs of a connection. */
const protocolSocket = (connection: Connection, log: Log) => ({
  protocol: connection.protocol,
  send: (text: string) => connection.send(text),
  close: (code?: number, reason?: string) => connection.close(code ?? 1000, reason ?? ''),
  onMessage: (listener: (text: string) => Promise<void>) =>
    connection.onMessage((text) =>
      listener(text).catch((error: unknown) => {
        logFailure(log, error);
        connection.close(...CLOSE.failed);
      }),
    ),
});

/** A socket has no cookies: none are read, none can be set. */
const socketTransport = (connection: Connection, rules: RequestRules): Transport => ({
  kind: 'socket',
  address: clientAddress(connection.request, rules.proxies),
  isSecure: isSecure(connection.request, rules.proxies),
  refreshToken: null,
  setRefreshCookie: () => undefined,
});

const logFailure = (log: Log, error: unknown): void =>
  log.warn({ error: error instanceof Error ? error.message : String(error) }, 'A socket operation failed.');
