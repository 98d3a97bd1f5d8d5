/**
 * Kafka's protocol as kafkajs encodes and decodes it: the only file that knows kafkajs.
 *
 * kafkajs keeps these modules for itself and its package has no list of what may be imported, so its version is pinned
 * and their shape is checked when the bus is opened. Its clients (producer, consumer, cluster) are not used; why is
 * said in docs/adr/0009.
 */
import { createRequire } from 'node:module';
import { PortError } from '../../errors.js';
import type { Calls } from './calls.js';

/** What a broker understands, per kind of request. */
export type ApiVersions = Readonly<Record<number, { readonly minVersion: number; readonly maxVersion: number }>>;

/** One request, ready to be sent, and how its answer is read. */
export interface WireCall<Answer> {
  readonly apiKey: number;
  readonly apiVersion: number;
  readonly apiName: string;
  encode(): Promise<Uint8Array>;
  decode(payload: Buffer): Promise<Answer>;
}

/** A connection as kafkajs's login sees it. */
export interface LoginChannel {
  readonly sasl: { readonly mechanism: string; readonly username: string; readonly password: string };
  readonly host: string;
  readonly port: number;
  send(protocol: RawProtocol): Promise<unknown>;
}

/** A request of kafkajs's own making. */
export interface RawProtocol {
  readonly request: {
    readonly apiKey: number;
    readonly apiVersion: number;
    readonly apiName: string;
    encode(): Promise<{ readonly buffer: Uint8Array }>;
  };
  readonly response: { decode(payload: Buffer): Promise<unknown>; parse(decoded: unknown): Promise<unknown> };
}

export interface ErrorCode {
  readonly type: string;
  readonly code: number;
  readonly message: string;
  readonly retriable: boolean;
}

export type CallName = keyof Calls;

export interface Wire {
  /** A request in the newest version that both sides know. @throws PortError INVALID when there is none */
  call<Name extends CallName>(
    name: Name,
    asks: Calls[Name]['asks'],
    versions: ApiVersions,
  ): WireCall<Calls[Name]['answers']>;
  /** The first request of a connection: what the broker understands. */
  hello(): WireCall<Calls['ApiVersions']['answers']>;
  /** Logs in; resolves with the session's length in ms, 0 = for ever. Rejects with kafkajs's error. */
  login(channel: LoginChannel, versions: ApiVersions): Promise<number>;
  errorOf(code: number): ErrorCode;
}

interface Definition {
  readonly versions: readonly string[];
  protocol(options: { version: number }): (asks: object) => RawProtocol;
}

interface Authenticator {
  readonly sessionLifetime: string | number | bigint | object;
  authenticate(): Promise<void>;
}

interface Modules {
  readonly requests: Readonly<Record<string, Definition | undefined>>;
  readonly apiKeys: Readonly<Record<string, number>>;
  readonly errorCodes: readonly ErrorCode[];
  readonly Authenticator: new (
    channel: LoginChannel,
    log: object,
    versions: ApiVersions,
    isWrapped: true,
  ) => Authenticator;
}

const MADE_FOR = '2.2.4';
const HELLO_VERSION = 2;
const CALLS: readonly CallName[] = [
  'ApiVersions',
  'Metadata',
  'ListOffsets',
  'OffsetFetch',
  'OffsetCommit',
  'GroupCoordinator',
  'JoinGroup',
  'SyncGroup',
  'Heartbeat',
  'LeaveGroup',
  'ListGroups',
  'DescribeGroups',
  'CreateTopics',
  'InitProducerId',
];

/** kafkajs's login writes through a log of its own shape; what matters of it comes as an error. */
const SILENT_LOG = {
  namespace: () => SILENT_LOG,
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** @throws PortError INVALID when the installed kafkajs is not of the shape that this was written for. */
export function createWire(): Wire {
  const modules = loadModules();
  const errors = new Map(modules.errorCodes.map((error) => [error.code, error]));
  const definitionOf = (name: CallName): Definition => modules.requests[name]!;

  function versionOf(name: CallName, versions: ApiVersions): number {
    const broker = versions[modules.apiKeys[name]!];
    const known = definitionOf(name).versions.map(Number);
    const version = Math.min(Math.max(...known), broker?.maxVersion ?? -1);
    if (broker && known.includes(version) && version >= broker.minVersion) return version;
    const found = broker ? `${broker.minVersion} to ${broker.maxVersion}` : 'none';
    throw new PortError(
      'INVALID',
      `expected a broker that knows ${name} ${known.join(', ')}, found ${found}: use Kafka 2.3 or newer`,
    );
  }

  return {
    call: (name, asks, versions) => wrap(definitionOf(name).protocol({ version: versionOf(name, versions) })(asks)),
    hello: () => wrap(definitionOf('ApiVersions').protocol({ version: HELLO_VERSION })({})),
    async login(channel, versions) {
      const login = new modules.Authenticator(channel, SILENT_LOG, versions, true);
      await login.authenticate();
      return Number(String(login.sessionLifetime));
    },
    errorOf: (code) =>
      errors.get(code) ?? {
        type: `ERROR_${code}`,
        code,
        message: 'an error this client does not know',
        retriable: false,
      },
  };
}

function wrap<Answer>({ request, response }: RawProtocol): WireCall<Answer> {
  return {
    apiKey: request.apiKey,
    apiVersion: request.apiVersion,
    apiName: request.apiName,
    encode: async () => (await request.encode()).buffer,
    decode: async (payload) => (await response.decode(payload)) as Answer,
  };
}

function loadModules(): Modules {
  const require = createRequire(import.meta.url);
  try {
    const protocol = require('kafkajs/src/protocol/requests') as Pick<Modules, 'requests'>;
    const modules: Modules = {
      requests: protocol.requests,
      apiKeys: require('kafkajs/src/protocol/requests/apiKeys') as Modules['apiKeys'],
      errorCodes: (require('kafkajs/src/protocol/error') as Pick<Modules, 'errorCodes'>).errorCodes,
      Authenticator: require('kafkajs/src/broker/saslAuthenticator') as Modules['Authenticator'],
    };
    checkShape(modules);
    return modules;
  } catch (error) {
    throw new PortError(
      'INVALID',
      `expected kafkajs ${MADE_FOR}, found something else: install what the lock file says`,
      error,
    );
  }
}

function checkShape({ requests, apiKeys, errorCodes, Authenticator }: Modules): void {
  for (const name of CALLS) {
    const definition = requests[name];
    if (!Number.isInteger(apiKeys[name])) throw new TypeError(`no key of ${name}`);
    if (!definition || definition.versions.length === 0) throw new TypeError(`no ${name}`);
    const version = Math.max(...definition.versions.map(Number));
    if (typeof definition.protocol({ version }) !== 'function') throw new TypeError(`no protocol of ${name}`);
  }
  if (!errorCodes.some(({ type }) => type === 'OFFSET_OUT_OF_RANGE')) throw new TypeError('no error codes');
  if (typeof Authenticator.prototype.authenticate !== 'function') throw new TypeError('no login');
}
