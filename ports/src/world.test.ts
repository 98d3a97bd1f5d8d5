import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { feedKindOf } from '@kairos/schema';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { worldOf } from './world.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kairos-world-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const replay = (files: string[], symbols: string[]) => worldOf({ kind: 'replay', files }, { symbols });

describe('worldOf', () => {
  it('names an exchange and the simulator', async () => {
    expect(await worldOf({ kind: 'exchange', exchange: 'binance' }, { symbols: [] })).toBe('EXCHANGE:binance');
    expect(await worldOf({ kind: 'simulator' }, { symbols: [] })).toBe('SIMULATOR');
  });

  it('names a replay by what its files say, not by where they lie', async () => {
    const world = await replay([file('a.csv', 'one'), file('b.csv', 'two')], ['AAA', 'BBB']);
    expect(world).toMatch(/^REPLAY:[0-9a-f]{16}$/);
    expect(feedKindOf(world)).toBe('REPLAY');
    expect(await replay([file('c.csv', 'one'), file('d.csv', 'two')], ['AAA', 'BBB'])).toBe(world);
  });

  it('names other contents, another order and other symbols differently', async () => {
    const [a, b, c] = [file('a.csv', 'one'), file('b.csv', 'two'), file('c.csv', 'onetwo')];
    const worlds = [
      await replay([a, b], ['AAA', 'BBB']),
      await replay([b, a], ['AAA', 'BBB']),
      await replay([a, b], ['BBB', 'AAA']),
      await replay([a], ['AAA']),
      await replay([c], ['AAA']),
    ];
    expect(new Set(worlds).size).toBe(worlds.length);
  });

  it('names every file that is missing, with its place', async () => {
    const missing = [join(folder, 'x.csv'), join(folder, 'y.csv.gz')];
    const problems = missing.map((path) => ({
      variable: 'FEED',
      message: `expected a file to replay at ${path}, found none`,
    }));
    await expect(replay([...missing, file('a.csv', 'one')], ['A', 'B', 'C'])).rejects.toMatchObject({ problems });
  });

  it('refuses a folder', async () => {
    await expect(replay([folder], ['AAA'])).rejects.toThrow(/FEED: expected a file to replay/);
  });
});
