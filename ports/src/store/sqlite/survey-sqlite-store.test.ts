import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { systemClock } from '../../clock/system.js';
import { createSampleJournal, NO_ROWS } from '../samples.js';
import { storeSurveyContract } from '../store-survey.contract.js';
import { surveySqliteStore } from './survey-sqlite-store.js';
import type { TestFiles } from './test-files.contract.js';
import { createFiles } from './test-files.contract.js';

const look = ({ journalFile }: TestFiles) => surveySqliteStore(journalFile, { clock: systemClock });

storeSurveyContract('sqlite', async () => {
  const files = createFiles();
  return {
    connect: () => files.open(),
    survey: () => look(files),
    contents: async () => (existsSync(dirname(files.journalFile)) ? readdirSync(dirname(files.journalFile)) : []),
    [Symbol.asyncDispose]: () => files[Symbol.asyncDispose](),
  };
});

it('writes no byte, and knows the file by its newer schema', async () => {
  await using files = createFiles();
  const store = await files.open();
  await store.journal.append(createSampleJournal().next(), NO_ROWS);
  files.raw(files.journalFile).exec('PRAGMA user_version = 99');
  const folder = dirname(files.journalFile);
  const content = () =>
    readdirSync(folder)
      .filter((name) => !name.endsWith('-shm'))
      .map((name) => [name, readFileSync(join(folder, name)).toString('base64')]);
  const before = content();
  const survey = (await look(files))!;
  expect((await survey.describe()).fault).toMatch(/^it has schema 99, but this version of Kairos knows \d+$/);
  expect(await survey.journal.head(0)).toMatchObject({ entry: 1 });
  await survey.close();
  expect(content()).toEqual(before);
});
