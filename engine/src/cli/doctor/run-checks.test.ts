import { PortError } from '@kairos/ports';
import { createSimulatedClock, SAMPLE_TIME } from '@kairos/ports/testing';
import { expect, it } from 'vitest';
import type { Check } from './finding.js';
import { isWell, unknown, well, wrong } from './finding.js';
import { renderFindings } from './render.js';
import { runChecks } from './run-checks.js';

const check = (name: string, run: Check['run'], limitMs = 1_000): Check => ({ name, limitMs, run });

it('one that hangs is given up after its own limit, and holds up no other', async () => {
  const clock = createSimulatedClock(SAMPLE_TIME);
  const running = runChecks(
    [check('hangs', () => new Promise(() => undefined), 3_000), check('quick', async () => well('fine'))],
    clock,
  );
  await clock.advance(3_000);
  const [hangs, quick] = await running;
  expect(hangs).toMatchObject({ name: 'hangs', state: 'wrong', fault: 'no answer within 3 s' });
  expect(quick).toMatchObject({ name: 'quick', state: 'ok', detail: 'fine' });
});

it('what a check throws is a fault with a cure, in one line, without the secrets of addresses', async () => {
  const clock = createSimulatedClock(SAMPLE_TIME);
  const [plain, port] = await runChecks(
    [
      check('plain', () => Promise.reject(new Error('first\n  second mongodb://u:c4n4ry@h/x'))),
      check('port', () => Promise.reject(new PortError('CORRUPT', 'damaged'))),
    ],
    clock,
  );
  expect(plain).toMatchObject({ state: 'wrong', fault: 'first; second mongodb://u:[redacted]@h/x' });
  expect(port).toMatchObject({ state: 'wrong', fault: 'damaged', fix: expect.stringMatching(/restore a back-up/) });
});

it('findings are a line each, and every fault has a second one that says what to do', () => {
  const findings = [
    { name: 'MongoDB', ...well('replica set rs0', { version: 'MongoDB 6.0.5', latencyMs: 4 }) },
    { name: 'Kafka', ...wrong('no broker answers', 'Start Kafka', { latencyMs: 7 }) },
    { name: 'trader', ...unknown('Kafka does not answer') },
  ];
  expect(renderFindings(findings)).toBe(
    [
      'ok     MongoDB: MongoDB 6.0.5, replica set rs0, 4 ms',
      'WRONG  Kafka: no broker answers, 7 ms',
      '         do: Start Kafka',
      '?      trader: Kafka does not answer',
    ].join('\n'),
  );
  expect([isWell(findings), isWell(findings.slice(2)), isWell([])]).toEqual([false, true, true]);
});
