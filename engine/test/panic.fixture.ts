/** Traders as processes on a Kafka and a MongoDB of a test's own, both behind proxies, and what is needed to panic there. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Doors } from '@kairos/ports';
import { openDoors, signCommand, systemClock } from '@kairos/ports';
import type { Command, Instant } from '@kairos/schema';
import { encodeCommand, parseMoney, readConfig, TOPICS } from '@kairos/schema';
import type { KafkaServer, MongodServer, TcpProxy } from '../../scripts/servers/index.mjs';
import { createTcpProxy, freePorts, startKafka, startMongod } from '../../scripts/servers/index.mjs';
import { COMMAND } from '../src/core/scenario.fixture.js';
import type { Crew, Part } from './crew.fixture.js';
import { createCrew } from './crew.fixture.js';
import type { Follower } from './journal-follower.fixture.js';
import { createFollower } from './journal-follower.fixture.js';

/** Ten symbols that are held, and one that is not. */
export const HELD = Array.from({ length: 10 }, (_, index) => `C${index}USDT`);
export const FREE = 'FREEUSDT';
export const WORLD = 'EXCHANGE:binance';
const DATABASE = 'kairos_panic';
/** From one moment to the next, on a machine that is busy with other things. */
export const PATIENCE_MS = 180_000;
/** How much longer than promised things may take on a machine that is busy with other things. */
export const SLACK = Number(process.env['PANIC_SLACK'] ?? 1);

export interface PanicServers {
  readonly kafka: KafkaServer;
  readonly mongod: MongodServer;
  readonly toKafka: TcpProxy;
  readonly toMongod: TcpProxy;
}

/** A message for one account; what is left out has a default. */
export type CommandDraft = Partial<Command> & Pick<Command, 'action'>;

export interface PanicWorld extends AsyncDisposable {
  readonly servers: PanicServers;
  /** Past the proxies. */
  readonly doors: Doors;
  readonly crew: Crew;
  readonly follower: Follower;
  readonly database: string;
  /** Opens accounts of these names, signed where there is a secret. */
  open(accountIds: readonly string[]): Promise<void>;
  /** Publishes a command as it stands, one message per account under one id; the id. */
  command(draft: CommandDraft, accountIds: readonly string[]): Promise<string>;
  /** Signals of one action, in this order of symbols. */
  signals(symbols: readonly string[], action: 'BUY' | 'SELL' | 'HOLD'): Promise<void>;
  /** Lets accounts buy every symbol of HELD. */
  hold(accountIds: readonly string[]): Promise<void>;
}

export interface PanicOptions {
  readonly parts: readonly Part[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts servers, and traders on them. */
export async function createPanicWorld({ parts, env = {} }: PanicOptions): Promise<PanicWorld> {
  const folder = mkdtempSync(join(tmpdir(), 'kairos-panic-'));
  const ends: End[] = [() => Promise.resolve(rmSync(folder, { recursive: true, force: true }))];
  try {
    const servers = await startServers(ends);
    const variables = {
      DATA_DIR: folder,
      FEED: 'binance',
      SYMBOLS: [...HELD, FREE].join(','),
      KAFKA_BROKERS: servers.kafka.brokers,
      MONGODB_URI: servers.mongod.uri,
      MONGODB_DATABASE: DATABASE,
      MAX_SIGNAL_AGE_SECONDS: '86400',
      JWT_SECRET: 'correct horse battery staple, and more',
      HOST: '127.0.0.1',
      LOG_LEVEL: 'warn',
      ...env,
    };
    const past = { ...variables, KAFKA_BROKERS: servers.kafka.direct, MONGODB_URI: servers.mongod.directUri };
    const doors = await openDoors(readConfig(past), WORLD, { clock: systemClock });
    ends.push(() => doors.close());
    const crew = createCrew(variables, parts);
    ends.push(() => crew.killAll());
    parts.forEach(crew.start);
    const secret = env['COMMAND_SECRET'] ?? null;
    return { ...createWorld({ doors, crew, secret }), servers, [Symbol.asyncDispose]: () => endAll(ends) };
  } catch (error) {
    await endAll(ends);
    throw error;
  }
}

type End = () => Promise<void>;

/** The last one first. */
async function endAll(ends: End[]): Promise<void> {
  for (const end of ends.splice(0).reverse()) await end();
}

async function startServers(ends: End[]): Promise<PanicServers> {
  const keep = <T extends { [Symbol.asyncDispose](): Promise<void> }>(server: T): T => {
    ends.push(() => server[Symbol.asyncDispose]());
    return server;
  };
  const [kafkaPort, port] = (await freePorts(2)) as [number, number];
  const toKafka = keep(await createTcpProxy({ target: `127.0.0.1:${kafkaPort}` }));
  const toMongod = keep(await createTcpProxy({ target: `127.0.0.1:${port}` }));
  const listener = { protocol: 'PLAINTEXT', port: kafkaPort, advertised: toKafka.address } as const;
  const kafka = keep(await startKafka({ listeners: [listener] }));
  const mongod = keep(await startMongod({ port, advertised: toMongod.address }));
  return { kafka, mongod, toKafka, toMongod };
}

interface WorldDeps {
  readonly doors: Doors;
  readonly crew: Crew;
  readonly secret: string | null;
}

function createWorld({ doors, crew, secret }: WorldDeps): Omit<PanicWorld, 'servers' | typeof Symbol.asyncDispose> {
  const follower = createFollower(doors.store);
  const world: ReturnType<typeof createWorld> = {
    doors,
    crew,
    follower,
    database: DATABASE,
    async open(accountIds) {
      for (const name of accountIds) {
        const account = { name, mode: 'PAPER', initialBalance: parseMoney('5000'), userId: 'user-1' } as const;
        await world.command({ action: 'OPEN_ACCOUNT', account, settings: { maxOpenPositions: 11 } }, [name]);
      }
      await follower.until('the accounts are open', accountIds, (account) => account.status !== null, PATIENCE_MS);
    },
    async command(draft, accountIds) {
      const command = commandOf(draft);
      const records = accountIds.map((accountId) => {
        const whole = { ...command, accountId };
        const isSigned = secret !== null && draft.signature === undefined;
        return { key: accountId, value: encodeCommand(isSigned ? signCommand(whole, secret) : whole) };
      });
      await doors.bus.publish(TOPICS.commands, records);
      return command.id;
    },
    async signals(symbols, action) {
      const time = systemClock.now();
      const message = { v: 1, action, confidence: 0.9, price: '100', time, source: 'panic-test' };
      const records = symbols.map((symbol) => {
        const id = randomBytes(9).toString('base64url');
        return { key: symbol, value: Buffer.from(JSON.stringify({ ...message, id, symbol })) };
      });
      await doors.bus.publish(TOPICS.signals, records);
    },
    async hold(accountIds) {
      await world.signals(HELD, 'BUY');
      const holdsAll = ({ open }: { readonly open: ReadonlySet<string> }) => open.size === HELD.length;
      await follower.until('all symbols are held', accountIds, holdsAll, PATIENCE_MS);
    },
  };
  return world;
}

/** A whole command, with a new id, given now. */
export function commandOf(draft: CommandDraft): Command {
  return {
    id: `${draft.action}-${randomBytes(6).toString('hex')}`,
    ...COMMAND,
    time: systemClock.now(),
    ...draft,
  };
}

export const secondsAgo = (seconds: number): Instant => (systemClock.now() - seconds * 1_000) as Instant;
