/** Every environment variable: default, meaning and reader. `.env.example` and docs/reference are checked against it. */
import { INTERVALS, parseInterval } from '../market/interval.js';
import { parseSymbol } from '../market/symbol.js';
import type { Money, Rate } from '../value/decimal.js';
import { ONE_RATE, parseMoney, parseRate } from '../value/decimal.js';
import { UNTOLD, ValueError } from '../value/errors.js';
import { numberWithin, oneOf } from '../wire/scalar.js';

/** Where prices come from. `auto`: Binance if it answers within 5 s, else the simulator. */
export type FeedChoice =
  | { readonly kind: 'auto' }
  | { readonly kind: 'simulator' }
  | { readonly kind: 'exchange'; readonly exchange: string }
  | { readonly kind: 'replay'; readonly files: readonly string[] };

export interface Variable<T, F extends string | null = string | null> {
  /** Text that stands for an unset variable; null = unset. */
  readonly fallback: F;
  readonly meaning: string;
  readonly read: (text: string) => T;
}

const variable = <T, F extends string | null>(
  fallback: F,
  meaning: string,
  read: (text: string) => T,
): Variable<T, F> => ({
  fallback,
  meaning,
  read,
});

const SECRET_LENGTH_MIN = 32;
const PASSWORD_BYTES_MAX = 72;

export const VARIABLES = {
  MONGODB_URI: variable(null, 'MongoDB connection string; unset: the embedded store under DATA_DIR', readMongoUri),
  MONGODB_DATABASE: variable('crypto_trading_db', 'MongoDB database', readText),
  KAFKA_BROKERS: variable(null, 'host:port, comma-separated; unset: the embedded bus under DATA_DIR', readBrokers),
  KAFKA_SSL: variable('false', 'true: connect to Kafka by TLS', readBoolean),
  KAFKA_SASL_MECHANISM: variable(
    null,
    'plain, scram-sha-256 or scram-sha-512',
    oneOf(['plain', 'scram-sha-256', 'scram-sha-512']),
  ),
  KAFKA_SASL_USERNAME: variable(null, 'Kafka user', readText),
  KAFKA_SASL_PASSWORD: variable(null, 'Kafka password', readText),
  KAFKA_PARTITIONS: variable('8', 'partitions per topic, 1 to 256; kept from the first start on', integer(1, 256)),
  KAFKA_REPLICATION: variable('1', 'replicas per topic, 1 to 10', integer(1, 10)),
  DATA_DIR: variable('.data', 'folder of the embedded store and bus, secrets and downloaded candles', readText),
  FEED: variable(
    'auto',
    'binance (any ccxt exchange id), replay:<csv or csv.gz, comma-separated>, simulator, or auto',
    readFeed,
  ),
  FEED_URL: variable(null, "base URL instead of the exchange's own", url('http', 'https', 'ws', 'wss')),
  FEED_SPEED: variable(
    null,
    'replay and simulator: candles per real candle time, or max; unset: 1, with npm start and the simulator 60',
    readSpeed,
  ),
  FEED_SEED: variable(
    null,
    'whole number that makes the simulator; unset: random, and then kept',
    integer(0, 2 ** 32 - 1),
  ),
  SYMBOLS: variable('BTCUSDT,ETHUSDT,BNBUSDT,SOLUSDT', 'symbols, comma-separated; a replay: one per file', readSymbols),
  INTERVAL: variable('1m', `candle length, one of ${INTERVALS.join(' ')}`, parseInterval),
  INITIAL_BALANCE: variable('5000', 'cash of a new account', readBalance),
  COMMISSION: variable('0.001', 'fee per side as a fraction, 0 to below 1', fraction),
  MIN_CONFIDENCE: variable('0.75', 'signals below it are denied, 0 to 1', decimal(0, 1)),
  RISK_PER_TRADE: variable('0.5', 'share of free cash put into one trade, above 0 to 1', share),
  MAX_SIGNAL_AGE_SECONDS: variable('120', 'an older BUY is denied as STALE, 1 to 86400', integer(1, 86_400)),
  PRICE_BAND: variable('0.2', "how far a signal's price may be from the market's, above 0 to 1", share),
  COMMAND_MAX_AGE_SECONDS: variable('300', 'older commands are refused, 1 to 86400', integer(1, 86_400)),
  COMMAND_SECRET: variable(
    null,
    'commands other than STOP_BOT must be signed with it, 32 characters or more',
    readSecret,
  ),
  ADMIN_USERNAME: variable('admin', 'the first user, made if there is none', readText),
  ADMIN_PASSWORD: variable(
    'admin123',
    'its password, 8 to 72 bytes; the default only while HOST is loopback',
    readPassword,
  ),
  JWT_SECRET: variable(
    null,
    'signs access tokens, 32 characters or more; made and kept in DATA_DIR when embedded',
    readSecret,
  ),
  PORT: variable('4000', 'port of page and API, 0 to 65535 (0: any free one)', integer(0, 65_535)),
  HOST: variable(null, 'address to listen on; unset: 127.0.0.1 embedded, 0.0.0.0 otherwise', readHost),
  PUBLIC_URL: variable(null, 'address that people use, where it is not this machine', url('http', 'https')),
  ALLOWED_ORIGINS: variable('', 'other origins whose pages may call the API, comma-separated', readOrigins),
  TRUST_PROXY: variable('0', 'proxies in front whose X-Forwarded headers are believed, 0 to 10', integer(0, 10)),
  INTROSPECTION: variable(null, 'true or false; unset: on for loopback only', readBoolean),
  PLAYGROUND: variable(null, 'true or false: GraphiQL at /graphql; unset: on for loopback only', readBoolean),
  ENCRYPTION_KEY: variable(
    null,
    'encrypts stored keys, 32 characters or more; made and kept when embedded',
    readSecret,
  ),
  SMTP_URL: variable(null, 'smtp:// or smtps:// address of the mail server', url('smtp', 'smtps')),
  MAIL_FROM: variable(null, 'sender of mails', readText),
  LOG_LEVEL: variable('info', 'debug, info, warn or error', oneOf(['debug', 'info', 'warn', 'error'])),
  LOG_FORMAT: variable(null, 'pretty or json; unset: pretty on a terminal', oneOf(['pretty', 'json'])),
  BROKER: variable('paper', 'paper', oneOf(['paper'])),
} as const satisfies Record<string, Variable<unknown>>;

export type VariableName = keyof typeof VARIABLES;
export type VariableValue<N extends VariableName> = ReturnType<(typeof VARIABLES)[N]['read']>;

function readText(text: string): string {
  return text;
}

/** A host name, an IPv4 address, or an IPv6 address with or without brackets. */
const HOST_TEXT = /^([a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\]|[0-9a-f:.]*:[0-9a-f:.]*)$/i;

function readHost(text: string): string {
  if (!HOST_TEXT.test(text)) throw new ValueError('a host name or an IP address', text);
  return text;
}

function readBoolean(text: string): boolean {
  return oneOf(['true', 'false'])(text) === 'true';
}

function decimal(min: number, max: number) {
  return (text: string): number => {
    if (!/^\d+(\.\d+)?$/.test(text)) throw new ValueError(`a number from ${min} to ${max}`, text);
    return numberWithin(min, max)(Number(text));
  };
}

function integer(min: number, max: number) {
  return (text: string): number => {
    if (!/^\d+$/.test(text)) throw new ValueError(`a whole number from ${min} to ${max}`, text);
    return numberWithin(min, max)(Number(text));
  };
}

function share(text: string): Rate {
  const rate = parseRate(text);
  if (rate <= 0n || rate > ONE_RATE) throw new ValueError('a share above 0 and at most 1', text);
  return rate;
}

function fraction(text: string): Rate {
  const rate = parseRate(text);
  if (rate < 0n || rate >= ONE_RATE) throw new ValueError('a fraction from 0 to below 1', text);
  return rate;
}

function readBalance(text: string): Money {
  const balance = parseMoney(text);
  if (balance <= 0n) throw new ValueError('an amount of money above 0', text);
  return balance;
}

function list(text: string): string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

function readSymbols(text: string): readonly string[] {
  const symbols = list(text).map(parseSymbol);
  if (symbols.length === 0) throw new ValueError('at least one symbol', text);
  if (new Set(symbols).size < symbols.length) throw new ValueError('each symbol once', text);
  return symbols;
}

function readBrokers(text: string): readonly string[] {
  const brokers = list(text);
  if (brokers.length === 0 || !brokers.every((broker) => /^[^\s:]+:\d{1,5}$/.test(broker))) {
    throw new ValueError('host:port, comma-separated', text);
  }
  return brokers;
}

function readFeed(text: string): FeedChoice {
  if (text === 'auto' || text === 'simulator') return { kind: text };
  if (text.startsWith('replay:')) {
    const files = list(text.slice('replay:'.length));
    if (files.length === 0) throw new ValueError('replay:<csv or csv.gz>', text);
    return { kind: 'replay', files };
  }
  if (/^[a-z][a-z0-9]{1,30}$/.test(text)) return { kind: 'exchange', exchange: text };
  throw new ValueError('auto, simulator, replay:<file> or an exchange id such as binance', text);
}

/** Candles per real candle time; Infinity = as fast as they are taken. */
function readSpeed(text: string): number {
  if (text === 'max') return Infinity;
  const speed = decimal(0, 1_000_000)(text);
  if (speed === 0) throw new ValueError('a speed above 0, or max', text);
  return speed;
}

/** Secrets and addresses with passwords are never repeated in a message. */
const hidden = (expected: string): ValueError => new ValueError(expected, UNTOLD);

function readMongoUri(text: string): string {
  if (!/^mongodb(\+srv)?:\/\/\S+$/.test(text))
    throw hidden('a connection string that begins mongodb:// or mongodb+srv://');
  return text;
}

function url(...schemes: readonly string[]) {
  return (text: string): URL => {
    const address = URL.canParse(text) ? new URL(text) : null;
    if (!address || !schemes.includes(address.protocol.slice(0, -1)) || address.hostname === '') {
      throw hidden(`an address that begins ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`);
    }
    return address;
  };
}

function readOrigins(text: string): readonly string[] {
  return list(text).map((item) => {
    if (!URL.canParse(item) || new URL(item).origin !== item)
      throw new ValueError('origins such as https://a.example', item);
    return item;
  });
}

function readPassword(text: string): string {
  const bytes = new TextEncoder().encode(text).length;
  if (bytes < 8 || bytes > PASSWORD_BYTES_MAX || text.includes('\0')) throw hidden('a password of 8 to 72 bytes');
  return text;
}

/** One character, or one short word, over and over. */
const EASY_SECRET = /^(.{1,8}?)\1+$/;

function readSecret(text: string): string {
  if (text.length < SECRET_LENGTH_MIN) throw hidden(`a secret of ${SECRET_LENGTH_MIN} characters or more`);
  if (EASY_SECRET.test(text)) throw hidden('a random secret: this one is easy to guess');
  return text;
}
