/** The properties of one Kafka node on loopback, small and quick to start, with what a test asks for. */
import { LOOPBACK } from './ports.mjs';

/** The listener that tools and the broker itself use: plain, on loopback, never behind a proxy. */
export const DIRECT = 'DIRECT';
const CONTROLLER = 'CONTROLLER';

const SCRAM = { 'SCRAM-SHA-256': 'SCRAM-SHA-256', 'SCRAM-SHA-512': 'SCRAM-SHA-512' };
export const SCRAM_MECHANISMS = Object.keys(SCRAM);
const MECHANISMS = ['PLAIN', ...SCRAM_MECHANISMS];

/** Small enough for a test, large enough for its work. */
const SMALL = {
  'num.network.threads': 2,
  'num.io.threads': 4,
  'log.cleaner.dedupe.buffer.size': 4 << 20,
  'offsets.topic.num.partitions': 4,
  'offsets.topic.replication.factor': 1,
  'transaction.state.log.num.partitions': 1,
  'transaction.state.log.replication.factor': 1,
  'transaction.state.log.min.isr': 1,
  'share.coordinator.state.topic.replication.factor': 1,
  'share.coordinator.state.topic.min.isr': 1,
};

/** Nobody waits for what does not come on a single node. */
const QUICK = {
  'group.initial.rebalance.delay.ms': 0,
  'group.min.session.timeout.ms': 1_000,
  'controller.quorum.election.timeout.ms': 200,
  'broker.heartbeat.interval.ms': 500,
  // A node that was killed comes back without waiting for its own former life to time out.
  'broker.session.timeout.ms': 2_000,
};

/**
 * @param ports `{ direct, controller }`
 * @param listeners each `{ name, protocol, port, advertised, mechanisms }`
 * @param users passwords by user, for listeners that ask for one
 * @param certificate `{ keystore, password }`, for listeners with TLS
 * @param properties by the test, over everything else
 */
export function kafkaProperties({ dataFolder, ports, listeners, users = {}, certificate = null, properties = {} }) {
  const direct = { name: DIRECT, protocol: 'PLAINTEXT', port: ports.direct };
  const controller = { name: CONTROLLER, protocol: 'PLAINTEXT', port: ports.controller };
  const clients = [direct, ...listeners];
  const all = [...clients, controller];
  const lines = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@${LOOPBACK}:${ports.controller}`,
    'controller.listener.names': CONTROLLER,
    'inter.broker.listener.name': DIRECT,
    listeners: all.map(({ name, port }) => `${name}://${LOOPBACK}:${port}`).join(','),
    'advertised.listeners': clients
      .map(({ name, port, advertised }) => `${name}://${advertised ?? `${LOOPBACK}:${port}`}`)
      .join(','),
    'listener.security.protocol.map': all.map(({ name, protocol }) => `${name}:${protocol}`).join(','),
    'log.dirs': dataFolder,
    'auto.create.topics.enable': false,
    ...SMALL,
    ...QUICK,
    ...Object.assign({}, ...listeners.map((listener) => securityOf(listener, users, certificate))),
    ...properties,
  };
  return `${Object.entries(lines)
    .map(([name, value]) => `${name}=${value}`)
    .join('\n')}\n`;
}

function securityOf({ name, protocol, mechanisms = MECHANISMS }, users, certificate) {
  const prefix = `listener.name.${name.toLowerCase()}`;
  return {
    ...(protocol.startsWith('SASL_') ? saslOf(prefix, mechanisms, users) : {}),
    ...(protocol.endsWith('SSL') ? tlsOf(prefix, certificate) : {}),
  };
}

function saslOf(prefix, mechanisms, users) {
  const jaas = mechanisms.map((mechanism) => [
    `${prefix}.${mechanism.toLowerCase()}.sasl.jaas.config`,
    SCRAM[mechanism] ? 'org.apache.kafka.common.security.scram.ScramLoginModule required;' : plainLogin(users),
  ]);
  return { [`${prefix}.sasl.enabled.mechanisms`]: mechanisms.join(','), ...Object.fromEntries(jaas) };
}

function plainLogin(users) {
  const known = Object.entries(users).map(([user, password]) => ` user_${user}="${password}"`);
  return `org.apache.kafka.common.security.plain.PlainLoginModule required${known.join('')};`;
}

const tlsOf = (prefix, { keystore, password }) => ({
  [`${prefix}.ssl.keystore.type`]: 'PKCS12',
  [`${prefix}.ssl.keystore.location`]: keystore,
  [`${prefix}.ssl.keystore.password`]: password,
  [`${prefix}.ssl.key.password`]: password,
});

/** What `StorageTool format` is told of users, whose SCRAM secrets are stored from the first start on. */
export const scramArguments = (listeners, users) => {
  const asked = listeners.filter(({ protocol }) => protocol.startsWith('SASL_'));
  const mechanisms = SCRAM_MECHANISMS.filter((one) =>
    asked.some((listener) => (listener.mechanisms ?? MECHANISMS).includes(one)),
  );
  return Object.entries(users).flatMap(([user, password]) =>
    mechanisms.flatMap((mechanism) => ['--add-scram', `${mechanism}=[name=${user},password=${password}]`]),
  );
};
