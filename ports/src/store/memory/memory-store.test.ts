import { describe, expect, it } from 'vitest';
import { createSimulatedClock } from '../../clock/simulated.js';
import { createSampleBooks } from '../sample-books.js';
import { createSampleJournal, NO_ROWS, SAMPLE_TIME, sampleEntry } from '../samples.js';
import { storeContract } from '../store.contract.js';
import { faultsOf } from './faults.js';
import { createMemoryStoreServer } from './memory-store.js';

storeContract('memory', async (options = {}) => {
  const server = createMemoryStoreServer(options);
  return { connect: async () => server.connect(), [Symbol.asyncDispose]: async () => undefined };
});

describe('memory store, faulty on demand', () => {
  it.each([
    ['before', 'UNAVAILABLE', 0],
    ['full', 'FULL', 0],
    ['after', 'TIMEOUT', 1],
  ] as const)('an append that fails %s it takes effect says %s', async (kind, code, entry) => {
    const server = createMemoryStoreServer();
    const client = server.connect(faultsOf('journal.append', [{ kind }]));
    await expect(client.journal.append(sampleEntry(), NO_ROWS)).rejects.toMatchObject({ code, isRetriable: true });
    expect(await client.journal.head(0)).toMatchObject({ entry });
    await client.journal.append(sampleEntry(), NO_ROWS);
    expect(await client.journal.head(0)).toMatchObject({ entry: 1 });
  });

  it('a slow append takes effect when its time has come', async () => {
    const clock = createSimulatedClock(SAMPLE_TIME);
    const server = createMemoryStoreServer({ clock });
    const slow = server.connect(faultsOf('journal.append', [{ kind: 'slow', ms: 500 }]));
    const appending = slow.journal.append(sampleEntry(), NO_ROWS);
    await clock.advance(499);
    expect(await server.connect().journal.head(0)).toMatchObject({ entry: 0 });
    await clock.advance(1);
    await appending;
    expect(await server.connect().journal.head(0)).toMatchObject({ entry: 1 });
  });

  it('a client that crashes changes nothing afterwards, and its store stays', async () => {
    const clock = createSimulatedClock(SAMPLE_TIME);
    const server = createMemoryStoreServer({ clock });
    const client = server.connect(faultsOf('journal.append', [null, { kind: 'slow', ms: 500 }]));
    const entries = createSampleJournal();
    await client.journal.append(entries.next({ events: [createSampleBooks().opened()] }), NO_ROWS);
    const late = expect(client.journal.append(entries.next(), NO_ROWS)).rejects.toMatchObject({ code: 'CLOSED' });
    await client.close();
    await clock.advance(500);
    await late;
    const next = server.connect();
    expect(await next.journal.head(0)).toMatchObject({ entry: 1 });
    expect(await next.readModels.accounts()).toHaveLength(1);
  });

  it('a store that is down answers nobody and changes nothing', async () => {
    const server = createMemoryStoreServer();
    const client = server.connect();
    server.setDown(true);
    await expect(client.journal.append(sampleEntry(), NO_ROWS)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(client.ping()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    server.setDown(false);
    expect(await client.journal.head(0)).toMatchObject({ entry: 0 });
  });
});
