import type { Bus } from '@kairos/ports';
import type { MemoryBusServer } from '@kairos/ports/testing';
import { createMemoryBusServer, createMemoryLog, createSimulatedClock } from '@kairos/ports/testing';
import { deadLetterKey, decodeDeadLetter, parseInstant, TOPICS } from '@kairos/schema';
import { expect, it } from 'vitest';
import { createDeadLetterWriter } from './dead-letters.js';

const START = parseInstant('2024-08-01T12:00:00Z');
const BAD = new TextEncoder().encode('{"v":1,"id":"acc-1:9"}');

function setUp() {
  const clock = createSimulatedClock(START);
  const server = createMemoryBusServer({ partitions: 1, clock });
  const bus = server.connect();
  const letters = async (): Promise<string[]> => {
    const reader = await bus.read({ from: [{ topic: TOPICS.deadLetter, partition: 0, position: 'earliest' }] });
    const decoded = (await reader.poll(100, 0)).map(({ value }) => decodeDeadLetter(value));
    return decoded.map((letter) => (letter.ok ? deadLetterKey(letter.value) : 'not a dead letter'));
  };
  const publish = () => bus.publish(TOPICS.trades, [{ key: 'acc-1', value: BAD }]);
  /** Lets a waiting poll come to its end. */
  const ended = async (stopping: Promise<void>): Promise<void> => {
    await clock.advance(2_000);
    await stopping;
  };
  return { clock, letters, publish, server, ended };
}

/** A client whose group begins at the earliest record and, as one that dies in time, never stores a position. */
function forgetful(server: MemoryBusServer): Bus {
  const bus = server.connect();
  return {
    ...bus,
    async join(options) {
      const member = await bus.join({ ...options, fallback: 'earliest' });
      return { ...member, commit: () => Promise.resolve() };
    },
  };
}

it('a message is written once although the one who wrote it died before it could say so', async () => {
  const { clock, letters, publish, server, ended } = setUp();
  await publish();
  for (let life = 1; life <= 3; life++) {
    const writer = createDeadLetterWriter({ bus: forgetful(server), clock, log: createMemoryLog() }, 'SIMULATOR');
    await writer.start();
    await clock.advance(1_500);
    expect(await letters()).toEqual([`${TOPICS.trades}:0:0`]);
    await ended(writer.stop());
  }
});
