import { spawn } from 'node:child_process';
import { expect, it } from 'vitest';

const EVENT_LOOP = new URL('./event-loop.ts', import.meta.url).href;
const REGISTER = new URL('../fixtures/register-typescript.mjs', import.meta.url).href;

/** How a process ends that watches itself and then does some work. */
function ending(work: string): Promise<{ code: number | null; signal: string | null }> {
  const program = `const { endOnStall } = await import('${EVENT_LOOP}'); endOnStall(1_000); ${work}`;
  const child = spawn(process.execPath, ['--import', REGISTER, '--input-type=module', '--eval', program]);
  return new Promise((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })));
}

const turning = (ms: number) => `await new Promise((resolve) => setTimeout(resolve, ${ms}));`;

it.each([
  ['whose loop stands still for good', `${turning(300)} for (;;);`, { code: null, signal: 'SIGKILL' }],
  ['that turns', turning(1_500), { code: 0, signal: null }],
])('a process %s', { timeout: 30_000 }, async (_, work, expected) => {
  expect(await ending(work)).toEqual(expected);
});
