import { createSimulatedClock, SAMPLE_TIME } from '@kairos/ports/testing';
import { describe, expect, it } from 'vitest';
import { runCli } from './main.js';

async function run(argv: readonly string[], env: Record<string, string> = {}) {
  const out: string[] = [];
  const err: string[] = [];
  const code = await runCli(argv, {
    env,
    clock: createSimulatedClock(SAMPLE_TIME),
    out: (text) => void out.push(text),
    err: (text) => void err.push(text),
  });
  return { code, out: out.join(''), err: err.join('') };
}

const COMMANDS = ['start', 'feed', 'predict', 'trade', 'engine', 'api', 'panic', 'doctor', 'backtest'];

describe('help', () => {
  it('names every command', async () => {
    const { code, out } = await run(['--help']);
    expect(code).toBe(0);
    for (const name of [...COMMANDS, 'user']) expect(out).toMatch(new RegExp(`^ +${name}\\b`, 'm'));
  });

  it.each(COMMANDS)('of %s ends with 0 and names --json', async (name) => {
    const { code, out } = await run([name, '--help']);
    expect(code).toBe(0);
    expect(out).toContain('--json');
  });
});

describe('wrong usage ends with 2 and says where help is', () => {
  it.each([
    ['no command', []],
    ['a command that nobody knows', ['sell-all']],
    ['an option that nobody knows', ['panic', '--now']],
    ['an option without its value', ['panic', '--account']],
    ['too many arguments', ['engine', 'now']],
  ])('%s', async (_name, argv) => {
    const { code, err } = await run(argv);
    expect(code).toBe(2);
    expect(err).toMatch(/--help/);
  });
});

describe('wrong configuration ends with 2 and one message that names every variable', () => {
  it.each(['start', 'feed', 'predict', 'trade', 'engine', 'api', 'panic'])('%s', async (name) => {
    const { code, err } = await run([name], { PORT: 'x', INTERVAL: '2m' });
    expect(code).toBe(2);
    expect(err).toMatch(/^The configuration is not valid:\n {2}INTERVAL: .*\n {2}PORT: .*\n$/);
  });

  it('as JSON with --json', async () => {
    const { code, err } = await run(['engine', '--json'], { PORT: 'x' });
    expect(code).toBe(2);
    expect(JSON.parse(err)).toEqual({ error: expect.stringContaining('PORT') });
  });
});
