/**
 * Sharing out the partitions of a group: evenly, and so that members keep what they have, for whoever gets a partition
 * has to load what belongs to it. The member that Kafka makes the leader computes it for all.
 */
import type { TopicPartition } from '../bus.js';
import { createByteReader, createByteWriter, textSize } from './bytes.js';
import type { TopicNames } from './topics.js';

/** Name of this way of sharing: all members of a group must have it in common. */
export const SHARING = 'kairos-sticky';

/** What a member says when it joins. */
export interface Claim {
  readonly member: string;
  /** Topics as stored on the broker. */
  readonly topics: readonly string[];
  /** Held since this sharing; of two who claim a partition the later one has it. */
  readonly generation: number;
  readonly held: readonly StoredPartition[];
}

export interface StoredPartition {
  readonly topic: string;
  readonly partition: number;
}

const VERSION = 0;

/** Partitions of each member. */
export function shareOut(
  claims: readonly Claim[],
  partitionsOf: (topic: string) => number,
): Map<string, StoredPartition[]> {
  const shares = new Map<string, StoredPartition[]>(claims.map(({ member }) => [member, []]));
  for (const topic of new Set(claims.flatMap(({ topics }) => topics))) {
    const readers = claims.filter(({ topics }) => topics.includes(topic));
    for (const [member, partitions] of shareTopic(topic, readers, partitionsOf(topic))) {
      shares.get(member)!.push(...partitions.map((partition) => ({ topic, partition })));
    }
  }
  return shares;
}

function shareTopic(topic: string, readers: readonly Claim[], partitions: number): Map<string, number[]> {
  const kept = keep(topic, readers, partitions);
  const taken = new Set([...kept.values()].flat());
  for (let partition = 0; partition < partitions; partition++) {
    if (taken.has(partition)) continue;
    const [poorest] = [...kept].sort(([a, own], [b, others]) => own.length - others.length || (a < b ? -1 : 1));
    poorest![1].push(partition);
  }
  for (const own of kept.values()) own.sort((a, b) => a - b);
  return kept;
}

/**
 * What readers may keep of what they hold: nobody more than an even share. Who has to give some up gives up first what
 * another one held before: it was taken for dead, and may not even have noticed.
 */
function keep(topic: string, readers: readonly Claim[], partitions: number): Map<string, number[]> {
  const holders = new Map<number, Claim>();
  const contested = new Set<number>();
  for (const claim of readers) {
    for (const { partition } of claim.held.filter((held) => held.topic === topic && held.partition < partitions)) {
      const rival = holders.get(partition);
      if (rival) contested.add(partition);
      if (!rival || rival.generation < claim.generation) holders.set(partition, claim);
    }
  }
  const share = Math.floor(partitions / readers.length);
  let larger = partitions % readers.length;
  const kept = new Map<string, number[]>();
  for (const claim of readers) {
    const own = [...holders].filter(([, holder]) => holder === claim).map(([partition]) => partition);
    own.sort((a, b) => Number(contested.has(a)) - Number(contested.has(b)) || a - b);
    const isLarger = own.length > share && larger > 0;
    if (isLarger) larger -= 1;
    kept.set(claim.member, own.slice(0, share + Number(isLarger)));
  }
  return kept;
}

/** A member's subscription, as Kafka's own tools read it, with its claim as user data. */
export function encodeClaim({ topics, generation, held }: Omit<Claim, 'member'>): Buffer {
  const claim = Buffer.from(JSON.stringify({ generation, held }), 'utf8');
  const size = topics.reduce((sum, topic) => sum + textSize(topic), 10 + claim.length);
  const out = createByteWriter(size);
  out.int16(VERSION).int32(topics.length);
  for (const topic of topics) out.text(topic);
  return out.int32(claim.length).bytes(claim).buffer;
}

export function decodeClaim(member: string, bytes: Buffer): Claim {
  const reader = createByteReader(bytes);
  reader.int16();
  const topics = Array.from({ length: reader.int32() }, () => reader.text());
  const claim = JSON.parse(reader.bytes(reader.int32()).toString('utf8')) as Pick<Claim, 'generation' | 'held'>;
  return { member, topics, ...claim };
}

/** What the leader has one member told. */
export function encodeShare(partitions: readonly StoredPartition[]): Buffer {
  const size = partitions.reduce((sum, { topic }) => sum + textSize(topic) + 8, 10);
  const out = createByteWriter(size);
  out.int16(VERSION).int32(partitions.length);
  for (const { topic, partition } of partitions) out.text(topic).int32(1).int32(partition);
  return out.int32(0).buffer;
}

/** @throws PortError CORRUPT when it is no share */
export function decodeShare(bytes: Buffer, names: TopicNames): TopicPartition[] {
  if (bytes.length === 0) return [];
  const reader = createByteReader(bytes);
  reader.int16();
  return Array.from({ length: reader.int32() }, () => {
    const topic = names.own(reader.text());
    return Array.from({ length: reader.int32() }, () => ({ topic, partition: reader.int32() }));
  }).flat();
}
