/** A connection to a broker: reached, encrypted if asked for, its versions known, logged in. */
import type { Socket } from 'node:net';
import { connect as connectPlain, isIP } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Clock } from '../../clock/clock.js';
import { createEnder } from '../../clock/ending.js';
import { PortError } from '../../errors.js';
import type { Channel } from './channel.js';
import { createChannel } from './channel.js';
import { FETCH_API } from './fetch-call.js';
import { CONNECT_TIMEOUT_MS } from './limits.js';
import { PRODUCE_API } from './produce-call.js';
import type { ApiVersions, RawProtocol, Wire } from './wire.js';

export type SaslMechanism = 'plain' | 'scram-sha-256' | 'scram-sha-512';

export interface SaslOptions {
  readonly mechanism: SaslMechanism;
  readonly username: string;
  readonly password: string;
}

export interface Security {
  /** Encrypt; with `ca` (PEM) that authority is trusted instead of the machine's. */
  readonly ssl: boolean | { readonly ca: string };
  readonly sasl: SaslOptions | null;
}

export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface Connection extends Channel {
  readonly versions: ApiVersions;
  /** Monotonic time from which on the broker wants another login; Infinity = never. */
  readonly expiresAtMs: number;
}

export interface ConnectDeps {
  readonly wire: Wire;
  readonly clock: Clock;
  readonly security: Security;
}

/** Key and version of the calls that this house encodes itself. */
const OWN_CALLS = [FETCH_API, PRODUCE_API];
const KEEP_ALIVE_MS = 30_000;
/** A session is given up when this part of it has passed. */
const SESSION_PART = 0.8;

export const nameOf = ({ host, port }: Address): string => `${host}:${port}`;

/**
 * Connects within `CONNECT_TIMEOUT_MS`.
 * @throws PortError INVALID when login or certificate are refused, UNAVAILABLE or TIMEOUT otherwise.
 */
export async function connect(deps: ConnectDeps, address: Address): Promise<Connection> {
  const { wire, clock } = deps;
  const name = nameOf(address);
  const socket = await reach(deps, address);
  const channel = createChannel(socket, name, clock);
  try {
    const versions = await greet(wire, channel, name);
    const lifetimeMs = await login(deps, { channel, address, versions });
    const expiresAtMs = lifetimeMs > 0 ? clock.monotonicMs() + lifetimeMs * SESSION_PART : Infinity;
    return { ...channel, versions, expiresAtMs };
  } catch (error) {
    const reason = error instanceof PortError ? error : new PortError('UNAVAILABLE', `cannot talk to ${name}`, error);
    channel.close(reason);
    throw reason;
  }
}

function reach({ clock, security }: ConnectDeps, address: Address): Promise<Socket> {
  const { host, port } = address;
  const name = nameOf(address);
  return new Promise((resolve, reject) => {
    const settled = createEnder();
    const { ssl } = security;
    const options = {
      host,
      port,
      ...(isIP(host) ? {} : { servername: host }),
      ...(typeof ssl === 'object' ? ssl : {}),
    };
    const socket = ssl ? connectTls(options) : connectPlain({ host, port });
    const fail = (error: PortError): void => {
      settled.end();
      socket.destroy();
      reject(error);
    };
    const onError = (error: Error): void => fail(unreachable(name, error, ssl !== false));
    socket.once('error', onError);
    socket.once(ssl ? 'secureConnect' : 'connect', () => {
      settled.end();
      socket.off('error', onError);
      socket.setNoDelay(true);
      socket.setKeepAlive(true, KEEP_ALIVE_MS);
      resolve(socket);
    });
    void clock.sleep(CONNECT_TIMEOUT_MS, settled).then(() => {
      if (!settled.aborted) fail(new PortError('TIMEOUT', `cannot reach ${name} within ${CONNECT_TIMEOUT_MS} ms`));
    });
  });
}

/** Certificates that are not trusted stay so however often one tries. */
const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO|ALTNAME/;

function unreachable(name: string, error: Error & { code?: string }, isTls: boolean): PortError {
  const code = error.code ?? '';
  if (isTls && CERTIFICATE.test(code)) {
    const advice = 'have it signed by an authority that is trusted here, or name its authority by NODE_EXTRA_CA_CERTS';
    return new PortError('INVALID', `the certificate of ${name} is not trusted (${code}): ${advice}`, error);
  }
  const advice =
    isTls && /SSL|EPROTO|ECONNRESET/.test(code) ? ': does this port speak TLS? If not, set KAFKA_SSL=false' : '';
  return new PortError('UNAVAILABLE', `cannot reach ${name}: ${error.message}${advice}`, error);
}

async function greet(wire: Wire, channel: Channel, name: string): Promise<ApiVersions> {
  try {
    const { errorCode, apiVersions } = await channel.ask(wire.hello(), CONNECT_TIMEOUT_MS);
    const isKnown = ([apiKey, version]: readonly [number, number]): boolean =>
      apiVersions.some((api) => api.apiKey === apiKey && api.minVersion <= version && version <= api.maxVersion);
    if (errorCode !== 0 || !OWN_CALLS.every(isKnown)) {
      throw new PortError('INVALID', `expected ${name} to be Kafka 2.3 or newer, found one of another protocol`);
    }
    return Object.fromEntries(apiVersions.map(({ apiKey, ...range }) => [apiKey, range]));
  } catch (error) {
    if (error instanceof PortError && error.code === 'INVALID') throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new PortError('UNAVAILABLE', `${name} does not greet (${why}): if it wants TLS, set KAFKA_SSL=true`, error);
  }
}

interface LoginPlace {
  readonly channel: Channel;
  readonly address: Address;
  readonly versions: ApiVersions;
}

/** The session's length in ms, 0 = for ever. Never a word of the password in what it throws. */
async function login({ wire, security }: ConnectDeps, { channel, address, versions }: LoginPlace): Promise<number> {
  const { sasl } = security;
  if (!sasl) return 0;
  const send = async ({ request, response }: RawProtocol): Promise<unknown> => {
    const encode = async () => (await request.encode()).buffer;
    const decode = async (payload: Buffer) => response.parse(await response.decode(payload));
    return channel.ask({ ...request, encode, decode }, CONNECT_TIMEOUT_MS);
  };
  try {
    return await wire.login({ sasl: { ...sasl }, ...address, send }, versions);
  } catch (error) {
    const lost = channel.ended();
    if (lost) throw lost;
    const why = error instanceof Error ? error.message : String(error);
    const advice = 'check KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD';
    throw new PortError('INVALID', `${nameOf(address)} refuses the login of ${sasl.username}: ${why}: ${advice}`);
  }
}
