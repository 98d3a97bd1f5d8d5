import { describe, expect, it } from 'vitest';
import { createBroadcast } from './broadcast.js';
import { createChannel } from './channel.js';

const drain = async <T>(stream: AsyncIterable<T>): Promise<T[]> => {
  const values: T[] = [];
  for await (const value of stream) values.push(value);
  return values;
};

describe('a channel', () => {
  it('gives what was pushed in order, then ends', async () => {
    const channel = createChannel<number>({ capacity: 10 });
    [1, 2, 3].forEach((value) => channel.push(value));
    channel.finish();
    expect(await drain(channel)).toEqual([1, 2, 3]);
  });

  it('gives a value to who waits for it', async () => {
    const channel = createChannel<number>({ capacity: 1 });
    const [first, second] = [channel.next(), channel.next()];
    channel.push(1);
    channel.push(2);
    expect(await Promise.all([first, second])).toEqual([
      { done: false, value: 1 },
      { done: false, value: 2 },
    ]);
  });

  it('keeps only the newest of each key', async () => {
    const channel = createChannel<string>({ capacity: 10, keyOf: (value) => value[0] ?? '' });
    ['a1', 'b1', 'a2', 'a3'].forEach((value) => channel.push(value));
    channel.finish();
    expect(await drain(channel)).toEqual(['b1', 'a3']);
  });

  it('drops the oldest beyond its capacity', async () => {
    const channel = createChannel<number>({ capacity: 2 });
    [1, 2, 3, 4].forEach((value) => channel.push(value));
    channel.finish();
    expect(await drain(channel)).toEqual([3, 4]);
  });

  it('fails where falling behind is an error, and is freed', async () => {
    let ended = 0;
    const channel = createChannel<number>({ capacity: 2, overflow: () => new Error('behind'), onEnd: () => ended++ });
    [1, 2, 3].forEach((value) => channel.push(value));
    channel.push(4);
    expect(ended).toBe(1);
    await expect(channel.next()).rejects.toThrow('behind');
    expect(await channel.next()).toEqual({ done: true, value: undefined });
  });

  it('takes its first values beside its capacity', async () => {
    const channel = createChannel<number>({ capacity: 1, initial: [1, 2], overflow: () => new Error('behind') });
    channel.push(3);
    channel.finish();
    expect(await drain(channel)).toEqual([1, 2, 3]);
  });

  it('ends who waits when it is left, once', async () => {
    let ended = 0;
    const channel = createChannel<number>({ capacity: 1, onEnd: () => ended++ });
    const waiting = channel.next();
    await channel.return();
    await channel.return();
    channel.push(1);
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(await channel.next()).toEqual({ done: true, value: undefined });
    expect(ended).toBe(1);
  });
});

describe('a broadcast', () => {
  it('gives each subscriber what concerns it, and forgets who left', async () => {
    const broadcast = createBroadcast<number>({ capacity: 10 });
    const all = broadcast.subscribe({ initial: [0] });
    const even = broadcast.subscribe({ accepts: (value) => value % 2 === 0 });
    [1, 2].forEach((value) => broadcast.push(value));
    await even.return();
    expect(broadcast.size).toBe(1);
    broadcast.finish();
    expect(await drain(all)).toEqual([0, 1, 2]);
    expect(broadcast.size).toBe(0);
  });
});
