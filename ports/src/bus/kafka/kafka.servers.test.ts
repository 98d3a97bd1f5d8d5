/** The bus contract against a real broker, given by TEST_KAFKA_BROKERS. */
import { busContract } from '../bus.contract.js';
import { testKafka } from '../../../fixtures/kafka.js';

busContract('kafka', {
  patienceMs: 20_000,
  open: async (partitions) => testKafka().open(partitions),
});
