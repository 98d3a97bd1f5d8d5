import type { BusSurvey, StoreSurvey } from '@kairos/ports';
import type { Topic } from '@kairos/schema';
import { TOPICS } from '@kairos/schema';
import { positionsOf } from '../../../run/positions.js';
import type { Check, Outcome } from '../finding.js';
import { unknown, well, wrong } from '../finding.js';
import type { Lag, Position } from '../lag.js';
import { LAG_MAX, lagOf, nameOf } from '../lag.js';
import type { Subject } from '../subject.js';
import { busOrWhy } from './bus.js';
import { storeName } from './store.js';

/** How far each shard of the trader is behind: the positions of its journal against the ends of the topics. */
export const shardsCheck = (subject: Subject): Check => ({
  name: 'lag of traders',
  limitMs: 30_000,
  async run() {
    const bus = await busOrWhy(subject);
    if (typeof bus === 'string') return unknown(bus);
    const store = await subject.store().catch(() => undefined);
    if (store === undefined) return unknown(`${storeName(subject.config)} does not answer`);
    const shards = (await store?.describe())?.shards ?? null;
    if (!store || shards === null) return unknown('nothing stored yet');
    return outcomeOf(await lagsOf(store, bus, shards));
  },
});

interface ShardLag extends Lag {
  readonly shard: number;
  readonly owner: string | null;
}

async function lagsOf(store: StoreSurvey, bus: BusSurvey, shards: number): Promise<readonly ShardLag[]> {
  const read: { readonly shard: number; readonly owner: string | null; readonly positions: readonly Position[] }[] = [];
  // One after the other: reading journals keeps this process busy, and what else it asks would seem slow.
  for (let shard = 0; shard < shards; shard++) {
    const { owner } = await store.journal.head(shard);
    read.push({ shard, owner, positions: parsed(await positionsOf(store.journal, shard)) });
  }
  // The ends come last: traders go on meanwhile, and nobody has read further than an end that is newer.
  const topics = [TOPICS.marketData, TOPICS.signals, TOPICS.commands];
  const ends = (await Promise.all(topics.map((topic) => bus.offsets(topic)))).flat();
  return read.map(({ shard, owner, positions }) => ({ shard, owner, ...lagOf(positions, ends) }));
}

/** `topic:partition` of a cursor, or `topic:partition#name`: of several over one partition the one furthest behind. */
const CURSOR = /^([^:]+):(\d+)(?:#.*)?$/;

function parsed(positions: Readonly<Record<string, number>>): Position[] {
  const slowest = new Map<string, Position>();
  for (const [cursor, next] of Object.entries(positions)) {
    const [, topic, partition] = CURSOR.exec(cursor) ?? [];
    if (topic === undefined) continue;
    const position = { topic: topic as Topic, partition: Number(partition), next };
    const known = slowest.get(nameOf(position));
    if (!known || next < known.next) slowest.set(nameOf(position), position);
  }
  return [...slowest.values()];
}

function outcomeOf(lags: readonly ShardLag[]): Outcome {
  const lost = lags.flatMap((lag) => lag.lost);
  const beyond = lags.flatMap((lag) => lag.beyond);
  if (beyond.length > 0) {
    const where = [...new Set(beyond.map(nameOf))].join(', ');
    return wrong(
      `the journal has read further than ${where} reaches: its records were lost`,
      'Nothing: reading goes on at the earliest that is kept, and the journal says so. Find out who emptied the bus',
    );
  }
  const worst = Math.max(...lags.map(({ records }) => records));
  const owners = new Set(lags.flatMap(({ owner }) => owner ?? []));
  const text = `${lags.length === 1 ? '1 shard' : `${lags.length} shards`} of ${owners.size === 1 ? '1 owner' : `${owners.size} owners`}, the last one ${worst} records behind`;
  if (lost.length > 0) {
    const where = [...new Set(lost.map(nameOf))].join(', ');
    return wrong(
      `${text}; records of ${where} were removed before a trader read them`,
      'Start the trader more often, or keep the topics for longer (docs/operating.md); it goes on at the earliest kept',
    );
  }
  if (worst > LAG_MAX) return wrong(text, 'See the log of the traders; start another one where the store is MongoDB');
  return well(text);
}
