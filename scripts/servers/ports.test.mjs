import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, it } from 'vitest';
import { freePort, freePorts, isFree } from './ports.mjs';

it('gives as many different ports as are asked for', async () => {
  expect(new Set(await freePorts(20)).size).toBe(20);
});

it('gives none that the system could give to an outgoing connection meanwhile', async () => {
  expect(Math.max(...(await freePorts(50)))).toBeLessThan(32_768);
});

it('tells a port that somebody listens on from one that is free', async () => {
  const port = await freePort();
  expect(await isFree(port)).toBe(true);
  const server = createServer();
  await once(server.listen(port, '127.0.0.1'), 'listening');
  expect(await isFree(port)).toBe(false);
  server.close();
  await once(server, 'close');
  expect(await isFree(port)).toBe(true);
});
