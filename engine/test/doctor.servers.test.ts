/** The doctor at a real Kafka and a real MongoDB, given by TEST_KAFKA_BROKERS and TEST_MONGODB_URI. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStoreSurvey, systemClock } from '@kairos/ports';
import { readConfig } from '@kairos/schema';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Finding } from '../src/cli/doctor/finding.js';
import { runCli } from '../src/cli/main.js';

const CANARY = 'c4n4ry-password';
const uri = process.env['TEST_MONGODB_URI'] ?? '';
const NOBODY = '127.0.0.1:1';

let env: Readonly<Record<string, string>> = {};
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kairos-doctor-'));
  env = {
    MONGODB_URI: uri,
    MONGODB_DATABASE: `kairos_test_${randomUUID().slice(0, 8)}`,
    KAFKA_BROKERS: process.env['TEST_KAFKA_BROKERS'] ?? '',
    FEED: 'simulator',
    JWT_SECRET: 'forty characters that nobody else knows!',
    ADMIN_PASSWORD: CANARY,
    HOST: '127.0.0.1',
    PORT: '0',
    DATA_DIR: folder,
  };
});
afterEach(() => rmSync(folder, { recursive: true }));

async function doctor(changes: Readonly<Record<string, string>> = {}) {
  const out: string[] = [];
  const io = { env: { ...env, ...changes }, clock: systemClock, out: (text: string) => void out.push(text) };
  const code = await runCli(['doctor', '--json'], { ...io, err: (text) => void out.push(text) });
  const { findings } = JSON.parse(out.join('')) as { findings: readonly Finding[] };
  expect(out.join('')).not.toContain(CANARY);
  return { code, of: (name: string) => findings.find((finding) => finding.name === name)! };
}

it('tells product and version of servers that answer, and how long they took', async () => {
  const { of } = await doctor();
  expect(of('MongoDB')).toMatchObject({ state: 'ok', version: expect.stringMatching(/^MongoDB \d+\.\d+/) });
  expect(of('Kafka')).toMatchObject({ state: 'ok', version: expect.stringMatching(/^Apache Kafka \d+\.\d+/) });
  for (const name of ['MongoDB', 'Kafka']) expect(of(name).latencyMs).toBeGreaterThan(0);
  expect(of('world')).toMatchObject({ state: 'ok', detail: 'SIMULATOR, nothing stored yet' });
});

it('makes nothing there', async () => {
  await doctor();
  const survey = (await openStoreSurvey(readConfig(env), 'SIMULATOR', { clock: systemClock }))!;
  expect(await survey.describe()).toMatchObject({ world: null, shards: null });
  await survey.close();
});

it.each([
  ['MongoDB is down', 'MongoDB', () => ({ MONGODB_URI: `mongodb://${NOBODY}/` }), /no server answers/, /Start MongoDB/],
  [
    'MongoDB does not know the user',
    'MongoDB',
    () => ({ MONGODB_URI: uri.replace('mongodb://', `mongodb://nobody:${CANARY}@`) }),
    /refused the user or its password/,
    /Correct user, password and authSource/,
  ],
  ['Kafka is down', 'Kafka', () => ({ KAFKA_BROKERS: NOBODY }), /cannot reach 127\.0\.0\.1:1/, /Start Kafka/],
  [
    'Kafka is asked for a login that it does not have',
    'Kafka',
    () => ({ KAFKA_SASL_MECHANISM: 'plain', KAFKA_SASL_USERNAME: 'u', KAFKA_SASL_PASSWORD: CANARY }),
    /./,
    /./,
  ],
] as const)(
  '%s: said with what to do, and the other is looked at all the same',
  async (_name, which, changes, fault, fix) => {
    const { code, of } = await doctor(changes());
    expect(code).toBe(1);
    expect(of(which)).toMatchObject({ state: 'wrong' });
    expect(of(which).fault).toMatch(fault);
    expect(of(which).fix).toMatch(fix);
    expect(of(which === 'Kafka' ? 'MongoDB' : 'Kafka').state).toBe('ok');
  },
);
