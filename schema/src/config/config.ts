/** The configuration of every process: read once at start, all errors at once. */
import { ValueError } from '../value/errors.js';
import type { VariableName, VariableValue } from './variables.js';
import { VARIABLES } from './variables.js';

export * from './limits.js';
export type { FeedChoice, VariableName } from './variables.js';
export { VARIABLES } from './variables.js';

/** A variable's value, null where it is unset and has no default. */
type ValueOf<N extends VariableName> = (typeof VARIABLES)[N]['fallback'] extends null
  ? VariableValue<N> | null
  : VariableValue<N>;

/** The variables by name, each with the value that its text stands for, and what follows from them. */
export type Config = { readonly [N in VariableName]: ValueOf<N> } & {
  /** True: books and users in the embedded store. */
  readonly isStoreEmbedded: boolean;
  readonly isBusEmbedded: boolean;
  /** The address to listen on. */
  readonly listenHost: string;
  /** Only this machine can reach it: it listens on loopback, and PUBLIC_URL names nothing else. */
  readonly isLoopback: boolean;
  /** True while the administrator's password is the one everybody knows. */
  readonly isDefaultPassword: boolean;
};

/** One variable that is not what it may be. */
export interface ConfigProblem {
  readonly variable: VariableName;
  readonly message: string;
}

/** The start is refused: names every wrong variable and what it may be. Secrets are not repeated. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(readonly problems: readonly ConfigProblem[]) {
    const lines = problems.map((problem) => `  ${problem.variable}: ${problem.message}`);
    super(`The configuration is not valid:\n${lines.join('\n')}`);
  }
}

/** The administrator's password that everybody knows. */
export const DEFAULT_PASSWORD = VARIABLES.ADMIN_PASSWORD.fallback;

const isLoopbackHost = (host: string): boolean =>
  host === 'localhost' || host === '::1' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);

/**
 * Reads the configuration from environment variables. An empty variable counts as unset.
 *
 * @throws ConfigError that names every variable that is not valid.
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const problems: ConfigProblem[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, variable] of Object.entries(VARIABLES)) {
    const text = env[name]?.trim() || variable.fallback;
    try {
      values[name] = text === null ? null : variable.read(text);
    } catch (error) {
      if (!(error instanceof ValueError)) throw error;
      problems.push({ variable: name as VariableName, message: error.message });
    }
  }
  const config = withConsequences(values as Record<VariableName, never>);
  problems.push(...contradictions(config, new Set(problems.map((problem) => problem.variable))));
  if (problems.length > 0) throw new ConfigError(problems);
  return config;
}

function withConsequences(values: { readonly [N in VariableName]: ValueOf<N> }): Config {
  const isStoreEmbedded = values.MONGODB_URI === null;
  const listenHost = values.HOST ?? (isStoreEmbedded ? '127.0.0.1' : '0.0.0.0');
  return {
    ...values,
    isStoreEmbedded,
    isBusEmbedded: values.KAFKA_BROKERS === null,
    listenHost,
    isLoopback: isLoopbackHost(listenHost) && isLoopbackHost(values.PUBLIC_URL?.hostname ?? 'localhost'),
    isDefaultPassword: values.ADMIN_PASSWORD === DEFAULT_PASSWORD,
  };
}

/** Values that are right alone and wrong together; variables already named are left out. */
function contradictions(config: Config, named: ReadonlySet<VariableName>): ConfigProblem[] {
  const found: ConfigProblem[] = [];
  const add = (variable: VariableName, message: string) => {
    if (!named.has(variable)) found.push({ variable, message });
  };
  if (!named.has('FEED') && config.FEED.kind === 'auto' && !config.isStoreEmbedded) {
    add('FEED', 'expected a feed by name with MONGODB_URI (binance, simulator, replay:<file>), found auto');
  }
  if (!named.has('FEED') && config.FEED.kind === 'replay' && !named.has('SYMBOLS')) {
    const { files } = config.FEED;
    if (files.length !== config.SYMBOLS.length) {
      add('SYMBOLS', `expected one symbol per replay file (${files.length}), found ${config.SYMBOLS.length}`);
    }
  }
  if (config.JWT_SECRET === null && !config.isStoreEmbedded) {
    add('JWT_SECRET', 'expected a secret of 32 characters or more with MONGODB_URI, found nothing');
  }
  if (config.isDefaultPassword && !config.isLoopback) {
    const where = isLoopbackHost(config.listenHost) ? 'PUBLIC_URL is set' : `HOST is ${config.listenHost}`;
    add('ADMIN_PASSWORD', `expected a password of your own while ${where}, found the default`);
  }
  const hasUser = config.KAFKA_SASL_USERNAME !== null && config.KAFKA_SASL_PASSWORD !== null;
  if (config.KAFKA_SASL_MECHANISM !== null && !hasUser) {
    add('KAFKA_SASL_MECHANISM', 'expected KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD beside it');
  }
  const isAnyUser = config.KAFKA_SASL_USERNAME !== null || config.KAFKA_SASL_PASSWORD !== null;
  if (config.KAFKA_SASL_MECHANISM === null && isAnyUser) {
    add(
      'KAFKA_SASL_MECHANISM',
      'expected a mechanism beside KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD, found nothing',
    );
  }
  return found;
}
