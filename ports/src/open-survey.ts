/** Configuration to looks at bus and store from outside: beside `open.ts` the only file that knows the adapters. */
import type { Config, World } from '@kairos/schema';
import { surveyKafkaBus } from './bus/kafka/survey-kafka-bus.js';
import { surveyLocalBus } from './bus/local/survey-local-bus.js';
import type { BusSurvey } from './bus/survey.js';
import type { Clock } from './clock/clock.js';
import { saslOf, worldFiles } from './open.js';
import { surveyMongoStore } from './store/mongo/survey-mongo-store.js';
import { surveySqliteStore } from './store/sqlite/survey-sqlite-store.js';
import type { StoreSurvey } from './store/survey.js';

export interface SurveyDeps {
  readonly clock: Clock;
}

/** Every consumer group of ours is named so. */
const GROUP_PREFIX = 'kairos-';

/** Null while the embedded bus of this world has not been made. @throws PortError */
export async function openBusSurvey(config: Config, world: World, deps: SurveyDeps): Promise<BusSurvey | null> {
  const { KAFKA_BROKERS: brokers, KAFKA_SSL: ssl, DATA_DIR } = config;
  if (brokers === null) return surveyLocalBus(worldFiles(DATA_DIR, world).busFile, deps);
  return surveyKafkaBus({ brokers, ssl, sasl: saslOf(config), groupPrefix: GROUP_PREFIX }, deps);
}

/** Null while the embedded store of this world has not been made. @throws PortError */
export async function openStoreSurvey(config: Config, world: World, deps: SurveyDeps): Promise<StoreSurvey | null> {
  const { MONGODB_URI: uri, MONGODB_DATABASE: database, DATA_DIR } = config;
  if (uri === null) return surveySqliteStore(worldFiles(DATA_DIR, world).journalFile, deps);
  return surveyMongoStore({ uri, database }, deps);
}
