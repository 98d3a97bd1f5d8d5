/** What every look at a store promises, whatever stands behind it. */
import { describe, expect, it } from 'vitest';
import { createSampleJournal, NO_ROWS } from './samples.js';
import type { Store } from './store.js';
import type { StoreSurvey } from './survey.js';

export interface StoreSurveyUnderTest {
  /** A client; the first one makes what is stored. */
  connect(): Promise<Store>;
  /** Null where there is nothing to look at yet. */
  survey(): Promise<StoreSurvey | null>;
  /** Names of everything stored: files or collections. */
  contents(): Promise<readonly string[]>;
  [Symbol.asyncDispose](): Promise<void>;
}

export function storeSurveyContract(name: string, open: () => Promise<StoreSurveyUnderTest>): void {
  describe(`${name}: a look from outside`, () => {
    it('finds nothing before the first start, and makes nothing', async () => {
      await using stored = await open();
      const survey = await stored.survey();
      const found = await survey?.describe();
      expect(found?.shards ?? null).toBeNull();
      expect(found?.freeBytes ?? 1).toBeGreaterThan(0);
      await survey?.close();
      expect(await stored.contents()).toEqual([]);
    });

    it('names product, version and shards, and finds nothing wrong', async () => {
      await using stored = await open();
      const store = await stored.connect();
      const survey = (await stored.survey())!;
      const found = await survey.describe();
      expect(found.product).not.toBe('');
      expect(found.version).toMatch(/^\d+\.\d+/);
      expect(found).toMatchObject({ shards: store.shards, fault: null });
      expect(found.freeBytes ?? 1).toBeGreaterThan(0);
      await survey.close();
    });

    it('reads the journal as the store does, also while it is written', async () => {
      await using stored = await open();
      const store = await stored.connect();
      const survey = (await stored.survey())!;
      const entries = createSampleJournal();
      for (const positions of [{ 'crypto.trades:0': 5 }, { 'crypto.trades:1': 7 }]) {
        await store.journal.append(entries.next({ positions }), NO_ROWS);
      }
      await store.journal.saveSnapshot({ shard: 0, entry: 1, state: '{"a":1}' });
      expect(await survey.journal.head(0)).toEqual(await store.journal.head(0));
      expect(await survey.journal.snapshot(0)).toEqual({ shard: 0, entry: 1, state: '{"a":1}' });
      expect(await survey.journal.read(0, 1, 10)).toEqual(await store.journal.read(0, 1, 10));
      await survey.close();
    });
  });
}
