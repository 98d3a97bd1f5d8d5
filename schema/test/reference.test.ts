/**
 * `.env.example` and the reference of the configuration are written from the variables themselves:
 * `npm test -- --project schema -u` writes them anew.
 */
import { format } from 'prettier';
import { expect, it } from 'vitest';
import { VARIABLES } from '../src/index.js';

const ROOT = '../..';

const variables = Object.entries(VARIABLES);

function envExample(): string {
  const head = [
    '# Kairos reads its configuration from the environment, or from a file named .env in this folder.',
    '# Every variable with its default; remove the # in front of one to change it.',
  ];
  const items = variables.map(([name, { fallback, meaning }]) => `# ${meaning}\n#${name}=${fallback ?? ''}`);
  return `${[head.join('\n'), ...items].join('\n\n')}\n`;
}

function reference(): Promise<string> {
  const defaultOf = (fallback: string | null) => (fallback === null || fallback === '' ? 'unset' : `\`${fallback}\``);
  const rows = variables.map(
    ([name, { fallback, meaning }]) => `| \`${name}\` | ${defaultOf(fallback)} | ${meaning.replaceAll('<', '\\<')} |`,
  );
  const text = [
    '# Configuration',
    '',
    'Kairos reads its configuration from the environment, or from a file named `.env` in the folder it is started in.',
    'Anything not valid stops the start with one message that names every wrong variable and what it may be.',
    '',
    '| variable | default | meaning |',
    '| --- | --- | --- |',
    ...rows,
  ].join('\n');
  return format(text, { parser: 'markdown', printWidth: 120 });
}

it('.env.example lists every variable with its default and meaning', async () => {
  await expect(envExample()).toMatchFileSnapshot(`${ROOT}/.env.example`);
});

it('docs/reference/configuration.md lists every variable with its default and meaning', async () => {
  await expect(await reference()).toMatchFileSnapshot(`${ROOT}/docs/reference/configuration.md`);
});
