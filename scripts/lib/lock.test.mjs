import { expect, it } from 'vitest';
import { completeLock } from './lock.mjs';

const lockWith = (packages) => ({ lockfileVersion: 3, packages: { '': { name: 'kairos' }, ...packages } });
const turbo = {
  version: '2.0.0',
  dev: true,
  optionalDependencies: { '@turbo/linux-64': '2.0.0', '@turbo/windows-arm64': '2.0.0' },
};

it('adds an entry for each platform package that has none: version, platform and the word optional', () => {
  const { lock, added } = completeLock(
    lockWith({ 'node_modules/turbo': turbo, 'node_modules/@turbo/linux-64': { version: '2.0.0', optional: true } }),
  );
  expect(added).toEqual(['node_modules/@turbo/windows-arm64']);
  expect(lock.packages['node_modules/@turbo/windows-arm64']).toEqual({
    version: '2.0.0',
    cpu: ['arm64'],
    dev: true,
    optional: true,
    os: ['win32'],
  });
});

it('leaves a complete lock as it is, byte for byte', () => {
  const { lock } = completeLock(lockWith({ 'node_modules/turbo': turbo }));
  const again = completeLock(lock);
  expect(again.added).toEqual([]);
  expect(JSON.stringify(again.lock)).toBe(JSON.stringify(lock));
});

it('adds nothing for optional packages of no platform, or of a range of versions', () => {
  const other = { version: '1.0.0', optionalDependencies: { fsevents: '2.3.3', '@x/linux-x64': '^1.0.0' } };
  expect(completeLock(lockWith({ 'node_modules/other': other })).added).toEqual([]);
});
