/**
 * Real servers for tests: each test starts the ones it kills, stops in their tracks, steps down or cuts off. All listen
 * on loopback only, keep their files in a temporary folder of their own, and end with the process that started them.
 */

export type Signal = 'SIGKILL' | 'SIGTERM' | 'SIGSTOP' | 'SIGCONT';

export interface Server {
  /** Null while it does not run. */
  readonly pid: number | null;
  /** `server.log` and `data` lie there. */
  readonly folder: string;
  /** SIGKILL by default. After SIGKILL and SIGTERM resolves when the process is gone. */
  kill(signal?: Signal): Promise<void>;
  /** Ends it if it runs, and starts it on the same ports and files; resolves when it answers. */
  restart(): Promise<void>;
  /** Ends it and removes its files. */
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

interface ServerOptions {
  /** For its files; kept by `stop`. Left out: a temporary folder, removed by `stop`. */
  readonly folder?: string;
  /** It goes on when this process ends. Default false. */
  readonly isDetached?: boolean;
  /** Where fetched programs lie. Default: KAIROS_SERVERS_CACHE, else `.cache/servers` of the checkout. */
  readonly cache?: string;
  /** Hears of downloads. */
  say?(line: string): void;
}

export interface KafkaListener {
  readonly protocol: 'PLAINTEXT' | 'SSL' | 'SASL_PLAINTEXT' | 'SASL_SSL';
  /** Default: a free one. */
  readonly port?: number;
  /** `host:port` that clients are told to go to, such as a proxy's address. Default: the listener's own. */
  readonly advertised?: string;
  /** Of SASL listeners. Default: all three. */
  readonly mechanisms?: readonly ('PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512')[];
}

export interface KafkaOptions extends ServerOptions {
  /** Default: one plain listener. */
  readonly listeners?: readonly KafkaListener[];
  /** Passwords by user, for SASL listeners. */
  readonly users?: Readonly<Record<string, string>>;
  /** Of the node itself. Default: free ones. */
  readonly ports?: { readonly direct?: number; readonly controller?: number };
  /** Lines of server.properties, over those that stand there anyway. */
  readonly properties?: Readonly<Record<string, string | number | boolean>>;
}

export interface KafkaServer extends Server {
  /** `host:port` of the first listener, as clients are told it. */
  readonly brokers: string;
  /** The same of every listener. */
  readonly addresses: readonly string[];
  /** A plain listener that stands behind no proxy: to look at the broker while its clients cannot. */
  readonly direct: string;
  readonly ports: { readonly direct: number; readonly controller: number; readonly listeners: readonly number[] };
  /** PEM of the self-made certificate, and a file with it (NODE_EXTRA_CA_CERTS); null without a TLS listener. */
  readonly certificate: string | null;
  readonly certificateFile: string | null;
}

/** Starts a Kafka node; resolves when it answers. Fetches what is missing. */
export function startKafka(options?: KafkaOptions): Promise<KafkaServer>;

export interface KafkaCluster {
  readonly nodes: readonly KafkaServer[];
  /** `host:port` of each node. */
  readonly brokers: readonly string[];
  /** Ends all nodes and removes their files. */
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Starts so many nodes of one cluster, each with a vote; resolves when all answer. What is published is there while more
 * than half of them are.
 */
export function startKafkaCluster(size: number): Promise<KafkaCluster>;

export interface MongodOptions extends ServerOptions {
  /** Name of its replica set of one; null: stand-alone. Default `rs0`. */
  readonly replicaSet?: string | null;
  /** Default: a free one. */
  readonly port?: number;
  /** `host:port` that clients go to, such as a proxy's address. Restart only while it leads to the server. */
  readonly advertised?: string;
  /** More arguments of mongod. */
  readonly args?: readonly string[];
}

export interface MongodServer extends Server {
  readonly uri: string;
  /** Straight to the server, past any proxy. */
  readonly directUri: string;
  readonly port: number;
  /** Stops being primary at once; a set of one elects it again after a second. */
  stepDown(): Promise<void>;
  /**
   * Sets the fail point `failCommand`; mode: once by default, `skip`: always after so many, `'off'` ends it. Resolves
   * with how often it has struck until now since the server was started.
   */
  failCommand(
    data: Readonly<Record<string, unknown>>,
    mode?:
      | 'alwaysOn'
      | 'off'
      | { readonly times: number }
      | { readonly skip: number }
      | { readonly activationProbability: number },
  ): Promise<number>;
}

/** Starts a mongod that knows test commands; resolves when it takes writes. Fetches what is missing. */
export function startMongod(options?: MongodOptions): Promise<MongodServer>;

/** From the client to the server behind the proxy, or back. */
export type Direction = 'toTarget' | 'toClient';

export interface TcpProxy {
  readonly port: number;
  /** `127.0.0.1:port`. */
  readonly address: string;
  /** That are open now. */
  readonly connections: number;
  /** Breaks every connection off, and every new one, until `restore`. */
  cut(): void;
  /** Nothing passes either way, and nobody is told, until `restore`; then what was held is passed on. */
  blackhole(): void;
  /** From now on everything arrives this much later, each way. */
  delay(ms: number): void;
  /**
   * Lets so many more bytes pass in one direction, over all connections together, then breaks every connection off,
   * once. `cutAfter(0)` loses the next answer of a server that has done what it was asked. Default direction: toClient.
   */
  cutAfter(bytes: number, direction?: Direction): void;
  /** Ends every fault. */
  restore(): void;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Listens on loopback and passes everything on to `host:port`. */
export function createTcpProxy(options: { readonly target: string; readonly port?: number }): Promise<TcpProxy>;

/** A port of loopback that nobody listens on now. */
export function freePort(): Promise<number>;
export function freePorts(count: number): Promise<number[]>;
