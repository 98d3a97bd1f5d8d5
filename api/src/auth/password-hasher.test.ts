import { performance } from 'node:perf_hooks';
import { afterEach, describe, expect, it } from 'vitest';
import type { PasswordHasher } from './password-hasher.js';
import { createPasswordHasher } from './password-hasher.js';

const COST = 4;
const hashers: PasswordHasher[] = [];
const create = (options: Parameters<typeof createPasswordHasher>[0] = {}): PasswordHasher => {
  const hasher = createPasswordHasher({ cost: COST, workers: 2, ...options });
  hashers.push(hasher);
  return hasher;
};
afterEach(async () => {
  await Promise.all(hashers.splice(0).map((hasher) => hasher.stop()));
});

describe('hashing passwords', () => {
  it('finds the right password and no other', async () => {
    const hasher = create();
    const hash = await hasher.hash('correct horse');
    expect(hash).toMatch(/^\$2b\$04\$/);
    expect(await hasher.matches('correct horse', hash)).toBe(true);
    expect(await hasher.matches('correct horsf', hash)).toBe(false);
  });

  it('never matches where there is no hash, and takes its time all the same', async () => {
    const hasher = create({ cost: 9, workers: 1 });
    const hash = await hasher.hash('correct horse');
    const timeOf = async (stored: string | null): Promise<number> => {
      const startedAt = performance.now();
      expect(await hasher.matches('a guess', stored)).toBe(false);
      return performance.now() - startedAt;
    };
    const ratios: number[] = [];
    for (let i = 0; i < 7; i++) ratios.push((await timeOf(null)) / (await timeOf(hash)));
    expect(ratios.sort((a, b) => a - b)[3]).toBeGreaterThan(0.5);
  });

  it('refuses what does not fit into its queue, and does the rest', async () => {
    const hasher = create({ workers: 1, queueLengthMax: 3 });
    const jobs = Array.from({ length: 8 }, () =>
      hasher.hash('correct horse').catch((error: { code: string }) => error.code),
    );
    const results = await Promise.all(jobs);
    expect(results.filter((result) => result === 'TOO_MANY_REQUESTS')).toHaveLength(4);
    expect(results.filter((result) => result.startsWith('$2b$'))).toHaveLength(4);
  });

  it('leaves the event loop free', async () => {
    const hasher = create({ cost: 10 });
    let longest = 0;
    let last = performance.now();
    const timer = setInterval(() => {
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
    }, 5);
    await Promise.all(Array.from({ length: 8 }, () => hasher.hash('correct horse')));
    clearInterval(timer);
    expect(longest).toBeLessThan(1_000);
  });

  it('survives a hash that is none', async () => {
    const hasher = create({ workers: 1 });
    await expect(hasher.matches('a guess', '$9z$nonsense')).resolves.toBe(false);
    expect(await hasher.hash('correct horse')).toMatch(/^\$2b\$/);
  });

  it('ends what waits when it stops', async () => {
    const hasher = create({ workers: 1, cost: 10 });
    const jobs = Array.from({ length: 3 }, () => hasher.hash('x').catch((error: { code: string }) => error.code));
    await hasher.stop();
    expect(await Promise.all(jobs)).toEqual(['UNAVAILABLE', 'UNAVAILABLE', 'UNAVAILABLE']);
    await expect(hasher.hash('x')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
});
