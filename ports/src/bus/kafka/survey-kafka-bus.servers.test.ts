/** Looks at a real broker, given by TEST_KAFKA_BROKERS. */
import { expect, it } from 'vitest';
import { testBrokers, testKafka } from '../../../fixtures/kafka.js';
import { systemClock } from '../../clock/system.js';
import { busSurveyContract } from '../bus-survey.contract.js';
import { surveyKafkaBus } from './survey-kafka-bus.js';

const clock = systemClock;
const groupPrefix = 'kairos-';

busSurveyContract('kafka', {
  patienceMs: 20_000,
  async open(partitions) {
    const server = await testKafka().open(partitions);
    let isMade = false;
    return {
      connect() {
        isMade = true;
        return server.connect();
      },
      survey: () =>
        surveyKafkaBus({ brokers: server.brokers, topicPrefix: server.topicPrefix, groupPrefix }, { clock }),
      stop: async () => (isMade ? server.stop() : undefined),
    };
  },
});

it('names the release of the broker, and each broker', async () => {
  const survey = await surveyKafkaBus({ brokers: testBrokers(), groupPrefix }, { clock });
  const { product, version, detail } = await survey.describe();
  expect([product, version]).toEqual(['Apache Kafka', '4.1']);
  expect(detail).toBe(`1 broker: ${testBrokers().join(', ')}`);
  await survey.close();
});

it('says that nobody answers where nobody does', async () => {
  await expect(surveyKafkaBus({ brokers: ['127.0.0.1:1'], groupPrefix }, { clock })).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    message: expect.stringContaining('127.0.0.1:1'),
  });
});
