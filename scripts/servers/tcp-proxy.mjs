/**
 * A TCP proxy on loopback that makes a network misbehave: cut, hanging, slow, or broken off after so many bytes. What
 * it passes on keeps its order and is never altered.
 */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { createLeg } from './tcp-leg.mjs';
import { LOOPBACK } from './ports.mjs';

/** Listens on a free port, or the named one. See index.d.mts. */
export async function createTcpProxy({ target, port = 0 }) {
  const { host, port: targetPort } = addressOf(target);
  const pairs = new Set();
  const state = { isCut: false, isHeld: false, delayMs: 0, limits: { toTarget: null, toClient: null } };

  const breakOff = (pair) => {
    pairs.delete(pair);
    for (const socket of pair.sockets) socket.resetAndDestroy();
  };
  const breakOffAll = () => [...pairs].forEach(breakOff);
  const update = () => {
    for (const { legs } of pairs) legs.forEach((leg) => leg.update());
  };

  const server = createServer({ allowHalfOpen: true }, (client) => {
    if (state.isCut) return void client.on('error', ignoreReset).resetAndDestroy();
    const upstream = connect({ host, port: targetPort, allowHalfOpen: true });
    const pair = { sockets: [client, upstream], legs: [] };
    pairs.add(pair);
    const settings = (direction) => ({
      isHeld: () => state.isHeld,
      delayMs: () => state.delayMs,
      /** How many of these bytes may pass; the last ones before a limit break everything off. */
      allow: (bytes) => allow(state.limits, direction, bytes),
      breakOff: () => {
        state.limits[direction] = null;
        breakOffAll();
      },
    });
    pair.legs.push(
      createLeg(client, upstream, settings('toTarget')),
      createLeg(upstream, client, settings('toClient')),
    );
    for (const socket of pair.sockets) {
      socket.setNoDelay(true);
      socket.on('error', () => breakOff(pair));
      socket.on('close', () => pair.sockets.every(({ destroyed }) => destroyed) && pairs.delete(pair));
    }
  });

  await once(server.listen(port, LOOPBACK), 'listening');
  const ownPort = server.address().port;
  const close = async () => {
    breakOffAll();
    if (!server.listening) return;
    server.close();
    await once(server, 'close');
  };
  return {
    port: ownPort,
    address: `${LOOPBACK}:${ownPort}`,
    get connections() {
      return pairs.size;
    },
    cut() {
      state.isCut = true;
      breakOffAll();
    },
    blackhole() {
      state.isHeld = true;
      update();
    },
    delay(ms) {
      state.delayMs = ms;
    },
    cutAfter(bytes, direction = 'toClient') {
      state.limits[direction] = bytes;
    },
    restore() {
      Object.assign(state, { isCut: false, isHeld: false, delayMs: 0, limits: { toTarget: null, toClient: null } });
      update();
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** A client that is refused may have gone already: that is what was wanted. */
const ignoreReset = () => undefined;

function allow(limits, direction, bytes) {
  const left = limits[direction];
  if (left === null) return bytes;
  limits[direction] = Math.max(0, left - bytes);
  return Math.min(left, bytes);
}

function addressOf(target) {
  const [, host, port] = /^(.+):(\d+)$/.exec(target) ?? [];
  if (host === undefined) throw new Error(`expected a target as host:port, found ${target}`);
  return { host, port: Number(port) };
}
