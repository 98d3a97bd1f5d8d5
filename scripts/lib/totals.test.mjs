import { expect, it } from 'vitest';
import { sumOf, totalsOf } from './totals.mjs';

const file = (status, ...statuses) => ({ status, assertionResults: statuses.map((one) => ({ status: one })) });

it.each([
  ['nothing', [], { passed: 0, failed: 0, skipped: 0 }],
  ['each test by its status', [file('failed', 'passed', 'failed', 'skipped')], { passed: 1, failed: 1, skipped: 1 }],
  ['pending and todo as skipped', [file('passed', 'pending', 'todo')], { passed: 0, failed: 0, skipped: 2 }],
  ['a file that could not be loaded as failed', [file('failed')], { passed: 0, failed: 1, skipped: 0 }],
  [
    'a file whose set-up failed after its tests passed',
    [file('failed', 'passed')],
    { passed: 1, failed: 1, skipped: 0 },
  ],
])('a report counts %s', (_name, testResults, expected) => {
  expect(totalsOf({ testResults })).toEqual(expected);
});

it('a run that left no report counts as one failed test', () => {
  expect(sumOf([{ passed: 2, failed: 0, skipped: 1 }, null, { passed: 3, failed: 1, skipped: 0 }])).toEqual({
    passed: 5,
    failed: 2,
    skipped: 1,
  });
});
