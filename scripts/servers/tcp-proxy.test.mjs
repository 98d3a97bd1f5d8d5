import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTcpProxy } from './tcp-proxy.mjs';

const MEGABYTE = 1 << 20;

describe('a TCP proxy', () => {
  let target;
  let proxy;
  let received;
  const clients = [];

  beforeEach(async () => {
    received = 0;
    // Echoes, and ends when its client does.
    target = createServer((socket) => {
      socket.on('data', (chunk) => (received += chunk.length));
      socket.on('error', () => socket.destroy());
      socket.pipe(socket);
    });
    await once(target.listen(0, '127.0.0.1'), 'listening');
    proxy = await createTcpProxy({ target: `127.0.0.1:${target.address().port}` });
  });

  afterEach(async () => {
    for (const client of clients.splice(0)) client.destroy();
    await proxy.close();
    target.close();
  });

  /** A client that keeps what it hears, and how its connection ended. */
  async function newClient() {
    const socket = connect(proxy.port, '127.0.0.1');
    clients.push(socket);
    const client = { socket, heard: '', bytes: 0, ended: null };
    socket.on('data', (chunk) => {
      client.bytes += chunk.length;
      if (client.bytes < MEGABYTE) client.heard += chunk.toString();
    });
    client.ended = new Promise((resolve) => {
      socket.once('error', (error) => resolve(error.code));
      socket.once('end', () => resolve('end'));
    });
    await Promise.race([once(socket, 'connect'), client.ended]);
    return client;
  }

  const heard = (client, text) => expect.poll(() => client.heard, { timeout: 5_000, interval: 5 }).toBe(text);

  it('passes on what comes, both ways, in order, and the end too', async () => {
    const client = await newClient();
    client.socket.write('one ');
    client.socket.end('two');
    await heard(client, 'one two');
    expect(await client.ended).toBe('end');
  });

  it('passes on more than it keeps waiting, every byte of it', async () => {
    const client = await newClient();
    proxy.delay(5);
    client.socket.write(Buffer.alloc(8 * MEGABYTE, 'x'));
    await expect.poll(() => client.bytes, { timeout: 10_000 }).toBe(8 * MEGABYTE);
  });

  it('cut: breaks off every connection and every new one, until restored', async () => {
    const before = await newClient();
    proxy.cut();
    expect(await before.ended).toBe('ECONNRESET');
    const during = await newClient();
    expect(await during.ended).toBe('ECONNRESET');
    expect(proxy.connections).toBe(0);
    proxy.restore();
    const after = await newClient();
    after.socket.write('again');
    await heard(after, 'again');
  });

  it('blackhole: keeps connections open and passes nothing on; restored, nothing is lost', async () => {
    const held = await newClient();
    held.socket.write('before ');
    await heard(held, 'before ');
    proxy.blackhole();
    held.socket.write('during');
    // What goes straight to the target meanwhile shows that time has passed.
    const direct = connect(target.address().port, '127.0.0.1');
    clients.push(direct);
    direct.write('direct');
    await once(direct, 'data');
    expect(held.heard).toBe('before ');
    expect(received).toBe('before direct'.length);
    proxy.restore();
    await heard(held, 'before during');
  });

  it('delay: everything arrives later by it, each way, however many pieces', async () => {
    const client = await newClient();
    proxy.delay(50);
    const began = performance.now();
    for (const piece of ['a', 'b', 'c']) {
      client.socket.write(piece);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await heard(client, 'abc');
    const took = performance.now() - began;
    expect(took).toBeGreaterThanOrEqual(100);
    expect(took).toBeLessThan(1_000);
  });

  it.each([
    ['toClient: the target has heard all, its answer is lost', 'toClient', 'request'.length, ''],
    ['toTarget: the target hears only so much', 'toTarget', 0, ''],
  ])('cutAfter(0), %s', async (_name, direction, heardByTarget, heardByClient) => {
    const client = await newClient();
    proxy.cutAfter(0, direction);
    client.socket.write('request');
    expect(await client.ended).toBe('ECONNRESET');
    await expect.poll(() => received).toBe(heardByTarget);
    expect(client.heard).toBe(heardByClient);
  });

  it('cutAfter(n): lets n bytes pass, breaks off once, then lets everything pass again', async () => {
    const first = await newClient();
    proxy.cutAfter(3, 'toTarget');
    first.socket.write('abcdef');
    expect(await first.ended).toBe('ECONNRESET');
    await expect.poll(() => received).toBe(3);
    const second = await newClient();
    second.socket.write('abcdef');
    await heard(second, 'abcdef');
  });

  it('a target that is away breaks the client off', async () => {
    target.close();
    const client = await newClient();
    expect(await client.ended).toBe('ECONNRESET');
  });
});

it.each(['localhost', ':80', '127.0.0.1:http'])('refuses %s as a target', async (target) => {
  await expect(createTcpProxy({ target })).rejects.toThrow('expected a target as host:port');
});
