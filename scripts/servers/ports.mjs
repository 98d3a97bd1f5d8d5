/** Free ports of loopback. */
import { once } from 'node:events';
import { createServer } from 'node:net';

export const LOOPBACK = '127.0.0.1';

/** So many different ports that nobody listens on now. Another process may still take one before it is used. */
export async function freePorts(count) {
  const servers = Array.from({ length: count }, () => createServer());
  try {
    const listening = servers.map((server) => once(server.listen(0, LOOPBACK), 'listening'));
    await Promise.all(listening);
    return servers.map((server) => server.address().port);
  } finally {
    for (const server of servers) server.close();
  }
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
    return true;
  } catch (error) {
    if (error.code === 'EADDRINUSE' || error.code === 'EACCES') return false;
    throw error;
  } finally {
    server.close();
  }
}
