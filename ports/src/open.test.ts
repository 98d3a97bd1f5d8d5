import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '@kairos/schema';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from './clock/system.js';
import { openDoors, worldFiles } from './open.js';
import { NO_ROWS, sampleEntry } from './store/samples.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kairos-open-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const deps = { clock: systemClock };
const config = (env: Record<string, string> = {}) => readConfig({ DATA_DIR: join(folder, 'data'), ...env });

describe('openDoors', () => {
  it('keeps a world in a folder of its own, and people in one file', () => {
    expect(worldFiles('/d', 'EXCHANGE:binance')).toEqual({
      appFile: '/d/app.db',
      reserveFile: '/d/reserve',
      journalFile: '/d/worlds/exchange-binance/journal.db',
      busFile: '/d/worlds/exchange-binance/bus.db',
      lockFile: '/d/worlds/exchange-binance/trader.lock',
      feedLockFile: '/d/worlds/exchange-binance/feed.lock',
      predictorLockFile: '/d/worlds/exchange-binance/predictor.lock',
    });
  });

  it('opens store, bus and lock of a world, apart from those of other worlds', async () => {
    const simulator = await openDoors(config(), 'SIMULATOR', deps);
    const replay = await openDoors(config(), 'REPLAY:0123456789abcdef', deps);
    try {
      await simulator.store.journal.append(sampleEntry(), NO_ROWS);
      await simulator.store.app.facts.put('SIMULATOR', 'seed', 7);
      expect(await replay.store.journal.head(0)).toMatchObject({ entry: 0 });
      expect(await replay.store.app.facts.get('SIMULATOR', 'seed')).toBe(7);
      expect(simulator.bus.partitionsOf('crypto.trades')).toBe(8);
      const onWaiting = () => undefined;
      const held = await simulator.ownership.acquire({ onWaiting, signal: AbortSignal.timeout(5_000) });
      expect(await replay.ownership.acquire({ onWaiting, signal: AbortSignal.timeout(50) })).not.toBeNull();
      await held?.release();
    } finally {
      await simulator.close();
      await replay.close();
    }
    await expect(simulator.store.ping()).rejects.toMatchObject({ code: 'CLOSED' });
  });
});
