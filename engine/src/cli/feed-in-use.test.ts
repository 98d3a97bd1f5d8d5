import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMemoryLog, createSimulatedClock, SAMPLE_TIME } from '@kairos/ports/testing';
import { readConfig } from '@kairos/schema';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { feedText, withFeedAsked, withFeedInUse } from './feed-in-use.js';

/** Nothing listens there: the exchange does not answer. */
const FEED_URL = 'http://127.0.0.1:1';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kairos-feed-'));
});
afterEach(() => rm(folder, { recursive: true }));

const deps = () => ({ clock: createSimulatedClock(SAMPLE_TIME), log: createMemoryLog() });
const config = (env: Record<string, string> = {}) => readConfig({ DATA_DIR: folder, FEED_URL, ...env });

describe('FEED=auto', () => {
  it('is asked once: later commands mean the feed that it came to', async () => {
    const asked = await withFeedAsked(config(), deps());
    expect(asked.FEED).toEqual({ kind: 'simulator' });
    expect(await readFile(join(folder, 'feed-in-use'), 'utf8')).toBe('simulator');
    expect((await withFeedInUse(config(), deps())).FEED).toEqual({ kind: 'simulator' });
  });

  it('is asked by a command that comes first', async () => {
    expect((await withFeedInUse(config(), deps())).FEED).toEqual({ kind: 'simulator' });
    expect(await readFile(join(folder, 'feed-in-use'), 'utf8')).toBe('simulator');
  });
});

it('a feed by name is what it says, and is kept nowhere', async () => {
  const named = config({ FEED: 'kraken' });
  expect((await withFeedAsked(named, deps())).FEED).toEqual({ kind: 'exchange', exchange: 'kraken' });
  expect((await withFeedInUse(named, deps())).FEED).toEqual({ kind: 'exchange', exchange: 'kraken' });
  await expect(readFile(join(folder, 'feed-in-use'))).rejects.toMatchObject({ code: 'ENOENT' });
});

it.each(['simulator', 'binance', 'replay:a.csv', 'replay:a.csv,b.csv.gz'])('%s is written as it is read', (text) => {
  const symbols = text.startsWith('replay') ? { SYMBOLS: text.includes(',') ? 'AAA,BBB' : 'AAA' } : {};
  const { FEED } = config({ FEED: text, ...symbols });
  expect(FEED.kind === 'auto' ? 'auto' : feedText(FEED)).toBe(text);
});
