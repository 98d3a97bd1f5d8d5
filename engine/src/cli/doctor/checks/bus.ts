import type { Check } from '../finding.js';
import { unknown, well } from '../finding.js';
import type { Cures } from '../fault-of.js';
import { faultOf } from '../fault-of.js';
import type { Subject } from '../subject.js';

const CURES: Cures = {
  UNAVAILABLE: 'Start Kafka, or correct KAFKA_BROKERS and KAFKA_SSL; a panic is obeyed from the store meanwhile',
  TIMEOUT: 'See whether Kafka is overloaded or the network is cut',
  INVALID: 'Correct KAFKA_SASL_MECHANISM, _USERNAME and _PASSWORD, and the rights of that user (docs/operating.md)',
};

export const busName = ({ isBusEmbedded }: Subject['config']): string => (isBusEmbedded ? 'bus' : 'Kafka');

/** Whether the bus answers, and what it is. */
export const busCheck = (subject: Subject): Check => ({
  name: busName(subject.config),
  limitMs: 10_000,
  async run() {
    const { config, clock, world } = subject;
    if (world === null) return unknown('not made yet: FEED=auto is asked at the first start');
    const begun = clock.monotonicMs();
    try {
      const survey = await subject.bus();
      if (survey === null) return unknown('not made yet: the first start makes it');
      const { product, version, detail } = await survey.describe();
      const latencyMs = Math.round(clock.monotonicMs() - begun);
      return well(detail, { version: version === null ? product : `${product} ${version}`, latencyMs });
    } catch (error) {
      return faultOf(error, config.isBusEmbedded ? {} : CURES);
    }
  },
});

/** The look at the bus; what says why there is none where there is none. */
export async function busOrWhy(subject: Subject) {
  if (subject.world === null) return 'FEED=auto has not been asked yet';
  try {
    return (await subject.bus()) ?? 'the bus has not been made yet';
  } catch {
    return `${busName(subject.config)} does not answer`;
  }
}
