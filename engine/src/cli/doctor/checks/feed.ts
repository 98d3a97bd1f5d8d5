import { resolve } from 'node:path';
import { LATE, orLate } from '@kairos/ports';
import { createExchangeClient } from '../../../feed/exchange/client.js';
import { AUTO_EXCHANGE } from '../../../feed/resolve.js';
import type { Check, Outcome } from '../finding.js';
import { well, wrong } from '../finding.js';
import { oneLine } from '../fault-of.js';
import type { Subject } from '../subject.js';

const ANSWER_MS_MAX = 5_000;
/** Signals further ahead than 5 s are not valid, and exchanges refuse orders that are as far off. */
const OFFSET_MS_MAX = 2_000;

type Asked = Pick<Subject, 'config' | 'clock' | 'machine'>;

/** Where prices come from: whether files can be read, or the exchange answers and its clock agrees with ours. */
export const feedCheck = (subject: Asked): Check => ({
  name: 'FEED',
  limitMs: ANSWER_MS_MAX + 1_000,
  async run() {
    const { FEED } = subject.config;
    if (FEED.kind === 'simulator') return well('simulator: prices are made up');
    if (FEED.kind === 'replay') return replayOutcome(FEED.files, subject);
    const exchange = FEED.kind === 'auto' ? AUTO_EXCHANGE : FEED.exchange;
    const failure = (text: string): Outcome =>
      FEED.kind === 'auto'
        ? well(`auto means the simulator: ${exchange} does not answer (${text})`)
        : wrong(
            `no prices: ${exchange} does not answer (${text})`,
            'Check the network, a proxy, FEED_URL; where the exchange refuses this address, name another one in FEED',
          );
    try {
      return await exchangeOutcome(exchange, subject);
    } catch (error) {
      return failure(oneLine((error as Error).message));
    }
  },
});

async function replayOutcome(files: readonly string[], { machine }: Asked): Promise<Outcome> {
  const readable = await Promise.all(files.map((file) => machine.isReadable(file)));
  const missing = files.filter((_, index) => !readable[index]).map((file) => resolve(file));
  if (missing.length === 0) return well(`replay of ${files.join(', ')}`);
  return wrong(`cannot read ${missing.join(', ')}`, 'Correct FEED=replay:<files>, or the rights of the files');
}

async function exchangeOutcome(exchange: string, { config, clock }: Asked): Promise<Outcome> {
  const client = await createExchangeClient(clock, { exchange, url: config.FEED_URL });
  const begun = clock.monotonicMs();
  const offsetMs = Math.round(await inTime(client.clockOffsetMs(), clock));
  const latencyMs = Math.round(clock.monotonicMs() - begun);
  const text = `this machine's clock is ${Math.abs(offsetMs)} ms ${offsetMs > 0 ? 'behind' : 'ahead of'} ${exchange}'s`;
  if (Math.abs(offsetMs) <= OFFSET_MS_MAX) return well(`${exchange} answers, ${text}`, { latencyMs });
  return wrong(text, 'Set the clock by NTP (timedatectl set-ntp true)', { latencyMs });
}

async function inTime<T>(answer: Promise<T>, clock: Asked['clock']): Promise<T> {
  const result = await orLate(clock, ANSWER_MS_MAX, answer);
  if (result === LATE) throw new Error(`no answer within ${ANSWER_MS_MAX / 1_000} s`);
  return result;
}
