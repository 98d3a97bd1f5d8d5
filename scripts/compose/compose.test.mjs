import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../lib/root.mjs';
import { readServices, requiredVariables } from './compose-file.mjs';
import { missingSecrets } from './secrets.mjs';

const textOf = (name) => readFileSync(`${ROOT}/${name}`, 'utf8');
const COMPOSE = textOf('docker-compose.yml');
const SECRETS = ['MONGODB_PASSWORD', 'ADMIN_PASSWORD', 'JWT_SECRET', 'MONGODB_ROOT_PASSWORD'];
const ENV = Object.fromEntries(SECRETS.map((name) => [name, `own-${name}`]));
const ROLES = ['feed', 'predictor', 'trader', 'api'];

const variablesOf = (envFile) => [...envFile.matchAll(/^#?(\w+)=/gm)].map(([, name]) => name);

describe('docker-compose.yml', () => {
  const services = readServices(COMPOSE, ENV);

  it('has Kafka, MongoDB and every role', () => {
    expect(Object.keys(services)).toEqual(['kafka', 'mongodb', ...ROLES]);
  });

  it('asks for every secret, and says of each that is missing what to do', () => {
    expect(requiredVariables(COMPOSE)).toEqual(SECRETS);
    for (const name of SECRETS) {
      for (const value of [undefined, '']) {
        expect(() => readServices(COMPOSE, { ...ENV, [name]: value })).toThrow(
          new RegExp(`^required variable ${name} is missing: .*npm run compose:secrets`),
        );
      }
    }
  });

  it.each(ROLES)('gives the %s every variable that Kairos reads, and the same as the others', (role) => {
    expect(Object.keys(services[role].environment).sort()).toEqual(variablesOf(textOf('.env.example')).sort());
    expect(services[role].environment).toEqual(services.feed.environment);
  });

  it.each(ROLES)('runs the %s without rights, from an image that nothing can change', (role) => {
    expect(services[role]).toMatchObject({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
      init: true,
      restart: 'unless-stopped',
      stop_grace_period: '15s',
      depends_on: { kafka: { condition: 'service_healthy' }, mongodb: { condition: 'service_healthy' } },
    });
  });

  it.each(['kafka', 'mongodb', ...ROLES])('asks the %s how it is, and lets nobody but this machine in', (name) => {
    expect(services[name].healthcheck.test[0]).toMatch(/^CMD/);
    expect(services[name].ports ?? []).toEqual(name === 'api' ? ['127.0.0.1:4000:4000'] : []);
  });

  it('keeps Kafka and MongoDB in a network that leads nowhere else', () => {
    expect([services.kafka.networks, services.mongodb.networks, services.trader.networks]).toEqual([
      ['inside'],
      ['inside'],
      ['inside'],
    ]);
  });

  it('names no service so that only one of it could run', () => {
    for (const role of ROLES) expect(services[role].container_name).toBeUndefined();
  });
});

describe('what Compose fills in', () => {
  it.each([
    ['${A}', { A: 'x' }, 'x'],
    ['${A}', {}, ''],
    ['${A:-d}', { A: '' }, 'd'],
    ['${A-d}', { A: '' }, ''],
    ['${A-d}', {}, 'd'],
    ['${A:--Xmx1g -Xms1g}', {}, '-Xmx1g -Xms1g'],
    ['a ${A:?set it} b', { A: 'x' }, 'a x b'],
    ['$$A and $$$$', { A: 'x' }, '$A and $$'],
  ])('%s with %o', (text, env, expected) => {
    expect(readServices(`services: { s: { image: '${text}' } }`, env).s.image).toBe(expected);
  });

  it('names all that is missing at once', () => {
    const text = 'services: { s: { image: "${A:?set A}${B?set B}${A:?set A}" } }';
    expect(() => readServices(text, {})).toThrow(
      'required variable A is missing: set A\nrequired variable B is missing: set B',
    );
  });
});

describe('secrets for .env', () => {
  it('are made once: the next run finds them all there', () => {
    const lines = missingSecrets(COMPOSE, '');
    expect(lines.split('\n').filter(Boolean)).toHaveLength(SECRETS.length);
    expect(lines).toMatch(/^JWT_SECRET=[0-9a-f]{48}$/m);
    expect(missingSecrets(COMPOSE, lines)).toBe('');
  });

  it('leave what is there, and begin on a line of their own', () => {
    const found = 'ADMIN_PASSWORD=mine\nMONGODB_PASSWORD=m\nMONGODB_ROOT_PASSWORD=r';
    expect(missingSecrets(COMPOSE, found, () => 'new')).toBe('\nJWT_SECRET=new\n');
  });
});

describe('Dockerfile', () => {
  const dockerfile = textOf('Dockerfile');
  const { version, workspaces, engines } = JSON.parse(textOf('package.json'));

  it('carries the version of the packages, on a Node.js that they run on', () => {
    expect(dockerfile).toContain(`org.opencontainers.image.version="${version}"`);
    const images = [...dockerfile.matchAll(/^FROM node:(\d+\.\d+)\.\d+-bookworm-slim/gm)].map(([, found]) => found);
    expect(new Set(images).size).toBe(1);
    expect(Number(images[0])).toBeGreaterThanOrEqual(Number(engines.node.replace('>=', '')));
  });

  it.each(workspaces)('installs and keeps %s', (workspace) => {
    expect(dockerfile).toContain(`COPY ${workspace}/package.json ${workspace}/\n`);
    expect(dockerfile).toMatch(new RegExp(`^COPY --from=build /app/${workspace}/(dist|build) `, 'm'));
  });

  it('runs as a user of its own, and lets no secret in', () => {
    expect(dockerfile).toMatch(/^USER 1000:1000$/m);
    const [first] = textOf('.dockerignore')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    expect(first).toBe('*');
    expect(textOf('.dockerignore')).toContain('**/.env\n');
  });
});
