/** Configuration to looks at bus and store from outside: beside `adapters.ts` the only file that knows them. */
import type { Config, World } from '@kairos/schema';
import type { BusSurvey } from './bus/survey.js';
import type { Clock } from './clock/clock.js';
import { saslOf, worldFiles } from './open.js';
import type { StoreSurvey } from './store/survey.js';

export interface SurveyDeps {
  readonly clock: Clock;
}

/** Every consumer group of ours is named so. */
const GROUP_PREFIX = 'kairos-';

/** Null while the embedded bus of this world has not been made. @throws PortError */
export async function openBusSurvey(config: Config, world: World, deps: SurveyDeps): Promise<BusSurvey | null> {
  const { KAFKA_BROKERS: brokers, KAFKA_SSL: ssl, DATA_DIR } = config;
  if (brokers === null) {
    const { surveyLocalBus } = await import('./bus/local/survey-local-bus.js');
    return surveyLocalBus(worldFiles(DATA_DIR, world).busFile, deps);
  }
  const { surveyKafkaBus } = await import('./bus/kafka/survey-kafka-bus.js');
  return surveyKafkaBus({ brokers, ssl, sasl: saslOf(config), groupPrefix: GROUP_PREFIX }, deps);
}

/** Null while the embedded store of this world has not been made. @throws PortError */
export async function openStoreSurvey(config: Config, world: World, deps: SurveyDeps): Promise<StoreSurvey | null> {
  const { MONGODB_URI: uri, MONGODB_DATABASE: database, DATA_DIR } = config;
  if (uri === null) {
    const { surveySqliteStore } = await import('./store/sqlite/survey-sqlite-store.js');
    return surveySqliteStore(worldFiles(DATA_DIR, world).journalFile, deps);
  }
  const { surveyMongoStore } = await import('./store/mongo/survey-mongo-store.js');
  return surveyMongoStore({ uri, database }, deps);
}
