import { expect, it } from 'vitest';
import { javaVersionOf, requireJava, requireTool } from './tools.mjs';

const saying = (text) => async () => text;
const missing = async () => {
  throw Object.assign(new Error('spawn ENOENT'), { code: 'ENOENT' });
};
const failing = async () => {
  throw Object.assign(new Error('exit 1'), { code: 1 });
};

it.each([
  ['openjdk version "17.0.15" 2025-04-15', '17.0.15'],
  ['openjdk version "21" 2023-09-19', '21'],
  ['java version "1.8.0_292"', '1.8.0_292'],
  ['something else', null],
])('the version in %s is %s', (said, version) => {
  expect(javaVersionOf(said)).toBe(version);
});

it.each([
  ['java', 'java was not found. Install Java 17 or newer'],
  ['mvn', 'mvn was not found. Install Maven'],
  ['pip', 'python3 was not found. Install Python 3 with pip'],
  ['keytool', 'keytool was not found. It is part of Java'],
])('a missing %s is named with its cure', async (name, message) => {
  await expect(requireTool(name, missing)).rejects.toThrow(message);
});

it('a Python without pip is told from no Python', async () => {
  await expect(requireTool('pip', failing)).rejects.toThrow(
    '`python3 -m pip --version` failed. Install Python 3 with pip',
  );
});

it('a Java that is too old is refused', async () => {
  await expect(requireJava(saying('java version "1.8.0_292"'))).rejects.toThrow(
    'needs Java 17 or newer, found 1.8.0_292',
  );
  await expect(requireJava(saying('openjdk version "11.0.2"'))).rejects.toThrow('found 11.0.2');
  expect(await requireJava(saying('openjdk version "17.0.1"'))).toBe('17.0.1');
});
