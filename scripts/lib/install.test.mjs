import { expect, it } from 'vitest';
import { isInstalled } from './install.mjs';

const lock = {
  packages: {
    '': { name: 'kairos' },
    engine: { version: '0.1.0' },
    'node_modules/@kairos/engine': { resolved: 'engine', link: true },
    'node_modules/zod': { version: '4.0.0' },
    'node_modules/@turbo/darwin-64': { version: '2.0.0', optional: true },
  },
};
const recordWith = (zod) => ({ packages: zod ? { 'node_modules/zod': { version: zod } } : {} });

it.each([
  ['nothing was ever installed', null, false],
  ['a package is missing', recordWith(null), false],
  ['a package is of another version', recordWith('3.9.0'), false],
  ['everything is there but other platforms’ packages', recordWith('4.0.0'), true],
])('when %s: %#', (_name, record, expected) => {
  expect(isInstalled(lock, record)).toBe(expected);
});
