/** Free ports of loopback, for servers that come back on the same one. */
import { once } from 'node:events';
import { createServer } from 'node:net';

export const LOOPBACK = '127.0.0.1';

/**
 * Below those that systems give to outgoing connections (Linux from 32,768 on): while a server is down for a moment
 * nobody is given its port.
 */
const LOWEST = 15_000;
const HIGHEST = 32_000;
const TRIES_MAX = 1_000;

/** So many different ports that nobody listens on now. Another process may still take one before it is used. */
export async function freePorts(count) {
  const found = new Set();
  for (let tries = 0; found.size < count; tries++) {
    if (tries >= TRIES_MAX)
      throw new Error(`Expected ${count} free ports from ${LOWEST} to ${HIGHEST}, found ${found.size}`);
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
    if (!found.has(port) && (await isFree(port))) found.add(port);
  }
  return [...found];
}

export async function freePort() {
  const [port] = await freePorts(1);
  return port;
}

/** Whether nobody listens on the port now. */
export async function isFree(port) {
  const server = createServer();
  try {
    await once(server.listen(port, LOOPBACK), 'listening');
  } catch (error) {
    if (error.code === 'EADDRINUSE' || error.code === 'EACCES') return false;
    throw error;
  }
  server.close();
  await once(server, 'close');
  return true;
}
