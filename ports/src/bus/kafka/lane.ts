/**
 * Connections of one user of the cluster, one per broker, made when needed and made again when they broke. What one
 * lane waits for holds up no other: a broker answers the requests of a connection one after the other.
 */
import { PortError } from '../../errors.js';
import type { Address, ConnectDeps, Connection } from './connect.js';
import { connect, nameOf } from './connect.js';
import type { CallName, WireCall } from './wire.js';
import type { Calls } from './calls.js';

export interface Lane {
  /** @throws PortError UNAVAILABLE, TIMEOUT, INVALID as `connect`; CLOSED after `close` */
  ask<Name extends CallName>(
    address: Address,
    call: { readonly name: Name; readonly asks: Calls[Name]['asks'] },
    timeoutMs: number,
  ): Promise<Calls[Name]['answers']>;
  /** As `ask`, of a call that this house encodes itself. */
  send<Answer>(address: Address, call: WireCall<Answer>, timeoutMs: number): Promise<Answer>;
  /** Whether there is a working connection. */
  isConnected(address: Address): boolean;
  close(): void;
}

export function createLane(deps: ConnectDeps): Lane {
  const opening = new Map<string, Promise<Connection>>();
  const open = new Map<string, Connection>();
  let isClosed = false;
  const closed = (): PortError => new PortError('CLOSED', 'expected an open bus, found a closed one: open another');

  async function make(address: Address): Promise<Connection> {
    const connection = await connect(deps, address);
    if (isClosed) {
      connection.close(closed());
      throw closed();
    }
    open.set(nameOf(address), connection);
    return connection;
  }

  async function connectionTo(address: Address): Promise<Connection> {
    if (isClosed) throw closed();
    const name = nameOf(address);
    const known = open.get(name);
    if (known && !known.ended() && deps.clock.monotonicMs() < known.expiresAtMs) return known;
    let underWay = opening.get(name);
    if (!underWay) {
      known?.close(new PortError('UNAVAILABLE', `the login at ${name} is over: another connection is made`));
      underWay = make(address).finally(() => opening.delete(name));
      opening.set(name, underWay);
    }
    return underWay;
  }

  return {
    async ask(address, { name, asks }, timeoutMs) {
      const connection = await connectionTo(address);
      return connection.ask(deps.wire.call(name, asks, connection.versions), timeoutMs);
    },
    async send(address, call, timeoutMs) {
      const connection = await connectionTo(address);
      return connection.ask(call, timeoutMs);
    },
    isConnected: (address) => open.get(nameOf(address))?.ended() === null,
    close() {
      isClosed = true;
      for (const connection of open.values()) connection.close(closed());
    },
  };
}
