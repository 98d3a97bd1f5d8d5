import { systemClock } from '../../clock/system.js';
import type { Bus } from '../bus.js';
import { busContract } from '../bus.contract.js';
import { createMemoryBusServer } from './memory-bus.js';

busContract('memory', {
  hasDenseOffsets: true,
  async open(partitions) {
    const server = createMemoryBusServer({ partitions, clock: systemClock });
    const clients: Bus[] = [];
    return {
      async connect() {
        const client = server.connect();
        clients.push(client);
        return client;
      },
      async stop() {
        for (const client of clients) await client.close();
      },
    };
  },
});
