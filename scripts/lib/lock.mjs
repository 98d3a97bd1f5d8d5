/** Platform packages that a lock file names as optional dependencies without describing them. */

const SYSTEMS = {
  darwin: 'darwin',
  linux: 'linux',
  windows: 'win32',
  win32: 'win32',
  freebsd: 'freebsd',
  android: 'android',
};
const PROCESSORS = { 64: 'x64', x64: 'x64', arm64: 'arm64', arm: 'arm', ia32: 'ia32', ppc64: 'ppc64', s390x: 's390x' };

/** `@turbo/darwin-arm64` → `{ os: ['darwin'], cpu: ['arm64'] }`; null where the name says no platform. */
function platformOf(name) {
  const words = name.split('/').at(-1).split('-');
  const os = words.map((word) => SYSTEMS[word]).find(Boolean);
  const cpu = words.map((word) => PROCESSORS[word]).find(Boolean);
  return os && cpu ? { cpu: [cpu], os: [os] } : null;
}

/**
 * The lock with an entry for every optional platform package that has none, and the names of those added.
 *
 * A registry that lists only its own platform's packages makes npm write a lock without the others, and `npm ci` then
 * refuses it ("Missing: … from lock file"). An entry needs no more than version, platform and the word optional.
 */
export function completeLock(lock) {
  const known = new Set(Object.keys(lock.packages).map((path) => path.split('node_modules/').at(-1)));
  const added = {};
  for (const { optionalDependencies = {}, dev } of Object.values(lock.packages)) {
    for (const [name, version] of Object.entries(optionalDependencies)) {
      const platform = platformOf(name);
      if (known.has(name) || !platform || !/^\d/.test(version)) continue;
      const { cpu, os } = platform;
      added[`node_modules/${name}`] = { version, cpu, ...(dev ? { dev } : {}), optional: true, os };
    }
  }
  const { '': root, ...packages } = { ...lock.packages, ...added };
  const sorted = Object.entries(packages).sort(([a], [b]) => a.localeCompare(b, 'en'));
  return { lock: { ...lock, packages: { '': root, ...Object.fromEntries(sorted) } }, added: Object.keys(added) };
}
