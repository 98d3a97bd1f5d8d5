import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../clock/system.js';
import type { Bus } from '../bus.js';
import { busContract } from '../bus.contract.js';
import { openLocalBus } from './open-local-bus.js';

busContract('local', {
  hasDenseOffsets: true,
  async open(partitions) {
    const folder = mkdtempSync(join(tmpdir(), 'kairos-bus-'));
    const clients: Bus[] = [];
    return {
      async connect() {
        const client = await openLocalBus({ file: join(folder, 'bus.db'), partitions }, { clock: systemClock });
        clients.push(client);
        return client;
      },
      async stop() {
        for (const client of clients) await client.close();
        rmSync(folder, { recursive: true });
      },
    };
  },
});
