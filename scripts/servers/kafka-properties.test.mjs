import { expect, it } from 'vitest';
import { kafkaProperties, scramArguments } from './kafka-properties.mjs';

const ports = { direct: 1, controller: 2 };
const plain = { name: 'CLIENT_0', protocol: 'PLAINTEXT', port: 3 };

const propertiesOf = (options) =>
  Object.fromEntries(
    kafkaProperties({ dataFolder: '/data', ports, listeners: [plain], ...options })
      .trim()
      .split('\n')
      .map((line) => line.split(/=(.*)/s).slice(0, 2)),
  );

it('names listeners for tools, clients and the controller, all on loopback', () => {
  expect(propertiesOf({})).toMatchObject({
    listeners: 'DIRECT://127.0.0.1:1,CLIENT_0://127.0.0.1:3,CONTROLLER://127.0.0.1:2',
    'advertised.listeners': 'DIRECT://127.0.0.1:1,CLIENT_0://127.0.0.1:3',
    'listener.security.protocol.map': 'DIRECT:PLAINTEXT,CLIENT_0:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'controller.quorum.voters': '1@127.0.0.1:2',
    'inter.broker.listener.name': 'DIRECT',
    'log.dirs': '/data',
  });
});

it('sends clients to the address of a proxy where one is named', () => {
  const listeners = [{ ...plain, advertised: '127.0.0.1:9' }];
  expect(propertiesOf({ listeners })['advertised.listeners']).toBe('DIRECT://127.0.0.1:1,CLIENT_0://127.0.0.1:9');
});

it('asks for a password where a listener says SASL, by every mechanism', () => {
  const listeners = [{ ...plain, protocol: 'SASL_PLAINTEXT' }];
  const found = propertiesOf({ listeners, users: { ann: 'secret' } });
  expect(found['listener.name.client_0.sasl.enabled.mechanisms']).toBe('PLAIN,SCRAM-SHA-256,SCRAM-SHA-512');
  expect(found['listener.name.client_0.plain.sasl.jaas.config']).toBe(
    'org.apache.kafka.common.security.plain.PlainLoginModule required user_ann="secret";',
  );
  expect(found['listener.name.client_0.scram-sha-512.sasl.jaas.config']).toContain('ScramLoginModule');
  expect(scramArguments(listeners, { ann: 'secret' })).toEqual([
    ...['--add-scram', 'SCRAM-SHA-256=[name=ann,password=secret]'],
    ...['--add-scram', 'SCRAM-SHA-512=[name=ann,password=secret]'],
  ]);
});

it('stores SCRAM secrets only of mechanisms that a listener knows', () => {
  expect(scramArguments([plain], { ann: 'secret' })).toEqual([]);
  const only = [{ ...plain, protocol: 'SASL_SSL', mechanisms: ['PLAIN'] }];
  expect(scramArguments(only, { ann: 'secret' })).toEqual([]);
});

it('shows a certificate where a listener says TLS', () => {
  const found = propertiesOf({
    listeners: [{ ...plain, protocol: 'SSL' }],
    certificate: { keystore: '/store', password: 'p' },
  });
  expect(found['listener.name.client_0.ssl.keystore.location']).toBe('/store');
  expect(found['listener.name.client_0.sasl.enabled.mechanisms']).toBeUndefined();
});

it('lets a test have the last word', () => {
  expect(propertiesOf({ properties: { 'message.max.bytes': 5 } })['message.max.bytes']).toBe('5');
});
