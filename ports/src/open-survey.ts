/** Configuration to looks at bus and store from outside: beside `open.ts` the only file that knows the adapters. */
import type { Config, World } from '@kairos/schema';
import { surveyLocalBus } from './bus/local/survey-local-bus.js';
import type { BusSurvey } from './bus/survey.js';
import type { Clock } from './clock/clock.js';
import { worldFiles } from './open.js';
import { surveySqliteStore } from './store/sqlite/survey-sqlite-store.js';
import type { StoreSurvey } from './store/survey.js';

export interface SurveyDeps {
  readonly clock: Clock;
}

/** Null while the embedded bus of this world has not been made. @throws PortError */
export async function openBusSurvey(config: Config, world: World, deps: SurveyDeps): Promise<BusSurvey | null> {
  return surveyLocalBus(worldFiles(config.DATA_DIR, world).busFile, deps);
}

/** Null while the embedded store of this world has not been made. @throws PortError */
export async function openStoreSurvey(config: Config, world: World, deps: SurveyDeps): Promise<StoreSurvey | null> {
  return surveySqliteStore(worldFiles(config.DATA_DIR, world).journalFile, deps);
}
