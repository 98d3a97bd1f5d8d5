/** The same ordered inputs give the same events per account, byte for byte, on Kafka and MongoDB as on files. */
import { beforeAll, describe, expect, it } from 'vitest';
import { hasData } from '../src/feed/testing/data.js';
import type { Outcome } from './in-process.fixture.js';
import { filePorts, runToTheEnd } from './in-process.fixture.js';
import type { Slice } from './replay-world.fixture.js';
import { ACCOUNT_IDS, createReplayWorld, firstDifference, flawsOf } from './replay-world.fixture.js';
import { serverPorts } from './server-ports.fixture.js';

const TEST_MS = 600_000;
const SLICES: readonly Slice[] = [
  { symbol: 'BTCUSDT', file: 'btcusdt-5m-202401-202408.csv.gz', rows: 3_000 },
  { symbol: 'ETHUSDT', file: 'ethusdt-5m-202401-202408.csv.gz', rows: 3_000 },
];
const isThere = SLICES.every(({ file }) => hasData(file));

describe('3,000 candles of 5 minutes of BTCUSDT and ETHUSDT, on Kafka and MongoDB', { timeout: TEST_MS }, () => {
  let files: Outcome;
  let servers: Outcome;

  beforeAll(async () => {
    if (!isThere) return;
    using replay = await createReplayWorld(SLICES);
    files = await runToTheEnd(replay, filePorts);
    servers = await runToTheEnd(replay, serverPorts);
  }, TEST_MS);

  it.skipIf(!isThere)('gives the bytes that files give', () => {
    for (const id of ACCOUNT_IDS) {
      expect(firstDifference(servers.events[id], files.events[id])).toBeNull();
      expect(files.events[id].length).toBeGreaterThan(10);
    }
    expect(firstDifference(servers.signals, files.signals)).toBeNull();
    expect(firstDifference(servers.market, files.market)).toBeNull();
  });

  it.skipIf(!isThere)('shows the trades, equity and prices that files show', () => {
    for (const id of ACCOUNT_IDS) {
      expect(servers.trades[id]).toEqual(files.trades[id]);
      expect(servers.equity[id]).toEqual(files.equity[id]);
    }
    const bySymbol = ({ prices }: Outcome) => [...prices].sort((a, b) => a.symbol.localeCompare(b.symbol));
    expect(bySymbol(servers)).toEqual(bySymbol(files));
  });

  it.skipIf(!isThere)('keeps a sound journal of every shard, and has nothing to complain about', () => {
    expect(flawsOf(servers.journal)).toEqual([]);
    expect(new Set(servers.journal.map(({ shard }) => shard)).size).toBe(8);
    expect(servers.complaints).toEqual([]);
    expect(servers.deadLetters).toEqual([]);
  });
});
