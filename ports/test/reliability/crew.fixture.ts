/** A publisher, a reader and a member of a group that go on over faults, and what each must have seen at the end. */
import { expect } from 'vitest';
import type { Bus } from '../../src/bus/bus.js';
import type { NumberPublisher } from './numbers.fixture.js';
import { numberOf, numbersOn, PLACE, startPublishing, startReading, TOPIC, until } from './numbers.fixture.js';

/** R26. */
const PROGRESS_MS_MAX = 10_000;

/** Clients of the same topics, which are nobody else's. */
export interface Clients {
  connect(): Promise<Bus>;
}

export interface Crew {
  readonly publisher: NumberPublisher;
  /** How long it takes until all have come further than they are now. @throws Error after 10 s */
  progressMs(): Promise<number>;
  /** Ends all, and compares what they have seen with what stands there. */
  finish(): Promise<void>;
}

let crews = 0;

/** Each works on a client of its own. */
export async function startCrew(clients: Clients): Promise<Crew> {
  const [bus, ofReader, ofMember] = [await clients.connect(), await clients.connect(), await clients.connect()];
  const publisher = startPublishing(bus);
  const reader = startReading(await ofReader.read({ from: [{ ...PLACE, position: 'earliest' }] }));
  const member = startReading(
    await ofMember.join({ groupId: `crew-${(crews += 1)}`, topics: [TOPIC], fallback: 'earliest' }),
  );
  const readers = [reader, member];
  const crew: Crew = {
    publisher,
    async progressMs() {
      const mark = publisher.acknowledged + 1;
      const state = (): string =>
        `publisher, reader and member go past ${mark}: ${publisher.acknowledged} ${reader.newest} ${member.newest}`;
      return until(state, PROGRESS_MS_MAX, () => {
        // Tells of what ended one of them.
        void [publisher, ...readers].map(({ failures }) => failures);
        return publisher.acknowledged >= mark && readers.every(({ newest }) => newest >= mark);
      });
    },
    async finish() {
      await publisher.stop();
      await until('all is read', PROGRESS_MS_MAX, () =>
        readers.every(({ newest }) => newest === publisher.acknowledged),
      );
      for (const each of readers) await each.stop();
      await expectWhole(bus, publisher);
      const there = (await numbersOn(bus)).map(({ offset }) => offset);
      expect(reader.records.map(({ offset }) => offset)).toEqual(there);
      expect([...new Set(member.records.map(({ offset }) => offset))]).toEqual(there);
    },
  };
  await crew.progressMs();
  return crew;
}

/** Every number that was acknowledged stands there in order; twice only where the publisher could not know. */
async function expectWhole(bus: Bus, { acknowledged, unknown }: NumberPublisher): Promise<void> {
  const numbers = (await numbersOn(bus)).map(numberOf);
  const first = [...new Set(numbers)];
  expect(first).toEqual(first.map((_, index) => index));
  expect(first.length).toBeGreaterThan(acknowledged);
  const doubled = numbers.filter((number, index) => numbers.indexOf(number) !== index);
  expect(doubled.filter((number) => !unknown.has(number))).toEqual([]);
}
