/**
 * The way to one partition: one batch at a time, in order, acknowledged by all replicas in sync. What comes while a
 * batch is under way goes out together with the next one.
 *
 * Each has a producer's number of its own and counts its records, so that a batch which is sent again because its answer
 * was lost is not written twice. A batch that is given up may have been written: then another number is taken.
 */
import type { Topic } from '@kairos/schema';
import { isPortError, PortError } from '../../errors.js';
import { encodeBatch } from './batch-encode.js';
import type { Address } from './connect.js';
import type { Lane } from './lane.js';
import { REQUEST_TIMEOUT_MS } from './limits.js';
import type { Waiting } from './outbox.js';
import { createOutbox } from './outbox.js';
import type { PartitionDeps } from './partitions.js';
import { produceCall } from './produce-call.js';
import { CODE, refusal } from './refusals.js';

export interface Outlet {
  push(records: readonly Waiting[]): void;
}

export interface OutletDeps extends PartitionDeps {
  readonly lane: Lane;
  /** Ends the tries. */
  readonly signal: AbortSignal;
}

interface Producer {
  readonly id: bigint;
  readonly epoch: number;
  /** Of the next record. */
  sequence: number;
}

const SEQUENCES = 2 ** 31;

/** The broker has lost count of this producer's records. */
const NUMBER_LOST: readonly number[] = [
  CODE.outOfOrderSequence,
  CODE.invalidProducerEpoch,
  CODE.invalidProducerMapping,
  CODE.unknownProducer,
];

export function createOutlet(deps: OutletDeps, topic: Topic, partition: number): Outlet {
  const { cluster, names, lane, signal } = deps;
  const name = `${names.stored(topic)}/${partition}`;
  const outbox = createOutbox();
  let producer: Producer | null = null;
  let isBusy = false;

  function leader(): Address {
    const found = cluster.leaderOf(names.stored(topic), partition);
    if (!found) throw new PortError('UNAVAILABLE', `no broker leads ${name} now`);
    return found;
  }

  async function register(): Promise<Producer> {
    const answer = await cluster.askAny('InitProducerId', {
      transactionalId: null,
      transactionTimeout: REQUEST_TIMEOUT_MS,
    });
    if (answer.errorCode !== CODE.none)
      throw refusal(cluster.wire, answer.errorCode, 'take this process for a producer');
    return { id: BigInt(answer.producerId), epoch: answer.producerEpoch, sequence: 0 };
  }

  /** The offset of the batch's first record. */
  async function send(batch: readonly Waiting[]): Promise<number> {
    producer ??= await register();
    const own = producer;
    const { id: producerId, epoch, sequence } = own;
    const bytes = encodeBatch(batch, { producerId, epoch, sequence }, cluster.clock.now());
    const to = leader();
    const call = produceCall([{ topic: names.stored(topic), partition, bytes }], REQUEST_TIMEOUT_MS);
    for (const { call: publishing } of batch) publishing.noteSent();
    const [answer] = await lane.send(to, call, REQUEST_TIMEOUT_MS);
    if (!answer) throw new PortError('UNAVAILABLE', `the leader of ${name} said nothing about it`);
    if (NUMBER_LOST.includes(answer.errorCode)) producer = null;
    if (answer.errorCode !== CODE.none) throw refusal(cluster.wire, answer.errorCode, `take records of ${name}`);
    own.sequence = (sequence + batch.length) % SEQUENCES;
    return answer.offset;
  }

  /** Sends a batch until it is acknowledged, refused for good, or nobody waits for it any more. */
  async function deliver(batch: readonly Waiting[]): Promise<void> {
    const backoff = cluster.backoff();
    while (!signal.aborted) {
      try {
        const offset = await send(batch);
        batch.forEach(({ call, index }, place) => call.take(index, offset + place));
        return;
      } catch (error) {
        const trouble = isPortError(error) ? error : new PortError('UNAVAILABLE', `cannot write to ${name}`, error);
        const isFinal = !trouble.isRetriable && trouble.code !== 'CORRUPT';
        for (const { call } of batch) {
          if (isFinal) call.fail(trouble);
          else call.noteTrouble(trouble);
        }
        if (isFinal) return;
      }
      await backoff.wait(signal);
      if (batch.every(({ call }) => call.isSettled())) break;
      await cluster.refresh().catch((error: unknown) => noteAll(batch, error));
    }
    producer = null;
  }

  function noteAll(batch: readonly Waiting[], error: unknown): void {
    if (isPortError(error)) for (const { call } of batch) call.noteTrouble(error);
  }

  async function drain(): Promise<void> {
    for (let batch = outbox.shift(); batch.length > 0; batch = outbox.shift()) await deliver(batch);
    isBusy = false;
  }

  return {
    push(records) {
      for (const record of records) outbox.push(record);
      if (isBusy) return;
      isBusy = true;
      // After what else is published in this turn, so that it goes out together.
      queueMicrotask(() => void drain());
    },
  };
}
