/**
 * Requests and answers over one socket. Every request has its time limit; one that is not answered in time ends the
 * channel, and so does everything else that goes wrong on it: whoever waits is told at once.
 */
import type { Socket } from 'node:net';
import { hostname } from 'node:os';
import type { Clock } from '../../clock/clock.js';
import { createEnder } from '../../clock/ending.js';
import { PortError } from '../../errors.js';
import { createByteWriter, textSize } from './bytes.js';
import { createFrames } from './frames.js';
import type { WireCall } from './wire.js';

const HOSTNAME_LENGTH_MAX = 60;
/** What brokers call this process, in their logs and among the members of a group. */
export const CLIENT_ID = `kairos-${hostname().slice(0, HOSTNAME_LENGTH_MAX)}-${process.pid}`;

export interface Channel {
  /** @throws PortError TIMEOUT or UNAVAILABLE: what became of the request is not known. */
  ask<Answer>(call: WireCall<Answer>, timeoutMs: number): Promise<Answer>;
  /** Why it has ended; null while it works. */
  ended(): PortError | null;
  /** Ends it now; who waits is told `reason`. */
  close(reason: PortError): void;
}

interface Waiting {
  take(payload: Buffer): void;
  fail(error: PortError): void;
}

const HEAD_BYTES = 14;
const CORRELATION_MAX = 0x7fffffff;

export function createChannel(socket: Socket, name: string, clock: Clock): Channel {
  const waiting = new Map<number, Waiting>();
  let correlation = 0;
  let answers = 0;
  let ended: PortError | null = null;

  function end(reason: PortError): void {
    if (ended) return;
    ended = reason;
    socket.destroy();
    for (const { fail } of waiting.values()) fail(reason);
    waiting.clear();
  }

  const takeFrame = createFrames((frame) => {
    const id = frame.length < 4 ? -1 : frame.readInt32BE(0);
    const waiter = waiting.get(id);
    waiting.delete(id);
    answers += 1;
    if (waiter) waiter.take(frame.subarray(4));
    else end(new PortError('UNAVAILABLE', `${name} answered what was not asked: is it a Kafka broker?`));
  });
  socket.on('data', (chunk: Buffer) => {
    if (!ended && !takeFrame(chunk)) end(new PortError('UNAVAILABLE', `${name} does not speak as a Kafka broker does`));
  });
  socket.on('error', (error) =>
    end(new PortError('UNAVAILABLE', `the connection to ${name} broke: ${error.message}`, error)),
  );
  socket.on('close', () => {
    // A broker greets everybody, and hangs up on who goes on without a login that it wants.
    const advice = answers === 1 && waiting.size > 0 ? ': if it wants a login, set KAFKA_SASL_MECHANISM' : '';
    end(new PortError('UNAVAILABLE', `${name} closed the connection${advice}`));
  });

  /** The payload of the answer. */
  function exchange(request: Buffer, id: number, what: string, timeoutMs: number): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const answered = createEnder();
      waiting.set(id, {
        take(payload) {
          answered.end();
          resolve(payload);
        },
        fail(error) {
          answered.end();
          reject(error);
        },
      });
      void clock.sleep(timeoutMs, answered).then(() => {
        if (answered.aborted) return;
        end(new PortError('TIMEOUT', `${name} has not answered ${what} for ${timeoutMs} ms`));
      });
      socket.write(request);
    });
  }

  return {
    async ask(call, timeoutMs) {
      const body = await call.encode();
      if (ended) throw ended;
      correlation = correlation === CORRELATION_MAX ? 0 : correlation + 1;
      const id = correlation;
      const request = frame(call, id, body);
      return call.decode(await exchange(request, id, call.apiName, timeoutMs));
    },
    ended: () => ended,
    close: end,
  };
}

function frame({ apiKey, apiVersion }: WireCall<unknown>, id: number, body: Uint8Array): Buffer {
  const size = HEAD_BYTES - 2 + textSize(CLIENT_ID) + body.length;
  const out = createByteWriter(size);
  out
    .int32(size - 4)
    .int16(apiKey)
    .int16(apiVersion)
    .int32(id)
    .text(CLIENT_ID)
    .bytes(body);
  return out.buffer;
}
