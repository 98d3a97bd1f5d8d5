/** Error codes of brokers, as errors of the port. */
import type { PortErrorCode } from '../../errors.js';
import { PortError } from '../../errors.js';
import type { Wire } from './wire.js';

/** Codes that the adapter itself acts on. */
export const CODE = {
  none: 0,
  offsetOutOfRange: 1,
  corruptMessage: 2,
  unknownTopicOrPartition: 3,
  requestTimedOut: 7,
  illegalGeneration: 22,
  unknownMember: 25,
  rebalanceInProgress: 27,
  topicExists: 36,
  invalidReplication: 38,
  outOfOrderSequence: 45,
  invalidProducerEpoch: 47,
  invalidProducerMapping: 49,
  unknownProducer: 59,
  memberIdRequired: 79,
} as const;

/** Not the call's fault: somebody must change rights, settings or the call itself. */
const INVALID: ReadonlySet<string> = new Set([
  'MESSAGE_TOO_LARGE',
  'INVALID_TOPIC_EXCEPTION',
  'RECORD_LIST_TOO_LARGE',
  'INCONSISTENT_GROUP_PROTOCOL',
  'INVALID_GROUP_ID',
  'INVALID_SESSION_TIMEOUT',
  'TOPIC_AUTHORIZATION_FAILED',
  'GROUP_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
  'INVALID_TIMESTAMP',
  'UNSUPPORTED_SASL_MECHANISM',
  'ILLEGAL_SASL_STATE',
  'UNSUPPORTED_VERSION',
  'INVALID_PARTITIONS',
  'INVALID_REPLICATION_FACTOR',
  'INVALID_CONFIG',
  'POLICY_VIOLATION',
  'SASL_AUTHENTICATION_FAILED',
  'UNSUPPORTED_COMPRESSION_TYPE',
  'INVALID_RECORD',
]);

const FENCED: ReadonlySet<number> = new Set([CODE.illegalGeneration, CODE.unknownMember, CODE.rebalanceInProgress]);

const ADVICE: readonly (readonly [RegExp, string])[] = [
  [/AUTHORIZATION_FAILED/, ': grant it to the user of KAFKA_SASL_USERNAME'],
  [/REPLICATION_FACTOR/, ': set KAFKA_REPLICATION to at most the number of brokers'],
  [/INCONSISTENT_GROUP/, ': another program uses a group of this name, end it'],
];

/** The error that a code stands for; `what` = what was asked, as in "read crypto.trades". */
export function refusal(wire: Wire, code: number, what: string): PortError {
  const { type, message } = wire.errorOf(code);
  const advice = ADVICE.find(([pattern]) => pattern.test(type))?.[1] ?? '';
  return new PortError(meaning(code, type), `Kafka will not ${what}: ${type} (${message})${advice}`);
}

function meaning(code: number, type: string): PortErrorCode {
  if (FENCED.has(code)) return 'FENCED';
  if (code === CODE.corruptMessage) return 'CORRUPT';
  if (code === CODE.requestTimedOut) return 'TIMEOUT';
  return INVALID.has(type) ? 'INVALID' : 'UNAVAILABLE';
}
