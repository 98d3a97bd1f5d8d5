/** Real servers for development and tests, without Docker: what the scripts and the tests of every room use. */
export { startKafka, startKafkaCluster } from './start-kafka.mjs';
export { startMongod } from './start-mongod.mjs';
export { createTcpProxy } from './tcp-proxy.mjs';
export { freePort, freePorts } from './ports.mjs';
