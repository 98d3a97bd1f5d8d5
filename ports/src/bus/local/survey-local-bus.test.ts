import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { newFolder } from '../../../fixtures/own-buses.js';
import { systemClock } from '../../clock/system.js';
import type { Bus } from '../bus.js';
import { busSurveyContract } from '../bus-survey.contract.js';
import { openLocalBus } from './open-local-bus.js';
import { surveyLocalBus } from './survey-local-bus.js';

const clock = systemClock;

/** A name that means something in an address must not mislead. */
function createServer(partitions: number) {
  const folder = join(newFolder(), 'a folder #1 100%?');
  const file = join(folder, 'bus.db');
  const clients: Bus[] = [];
  return {
    folder,
    file,
    async connect() {
      const bus = await openLocalBus({ file, partitions }, { clock });
      clients.push(bus);
      return bus;
    },
    survey: () => surveyLocalBus(file, { clock }),
    async stop() {
      for (const client of clients) await client.close();
      rmSync(join(folder, '..'), { recursive: true });
    },
  };
}

busSurveyContract('local', { open: async (partitions) => createServer(partitions) });

it('writes no byte, whether somebody uses the file or nobody does', async () => {
  const server = createServer(4);
  const bus = await server.connect();
  await bus.publish('crypto.health', [{ key: 'k', value: new Uint8Array([1]) }]);
  const content = () =>
    Object.fromEntries(
      readdirSync(server.folder)
        .filter((name) => !name.endsWith('-shm'))
        .map((name) => [name, readFileSync(join(server.folder, name)).toString('base64')]),
    );
  for (const isUsed of [true, false]) {
    if (!isUsed) await bus.close();
    const before = content();
    const survey = (await server.survey())!;
    expect(await survey.newest({ topic: 'crypto.health', partition: 0 }, 1)).toHaveLength(1);
    await survey.close();
    expect(content()).toEqual(before);
  }
  await server.stop();
});

it('says of a file that is none that it is damaged', async () => {
  const server = createServer(4);
  mkdirSync(server.folder, { recursive: true });
  writeFileSync(server.file, 'no database, '.repeat(1_000));
  await expect(server.survey()).rejects.toMatchObject({ code: 'CORRUPT' });
  await server.stop();
});
