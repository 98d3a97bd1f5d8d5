/** What the process counts, in a registry of its own. Labels are words of this code, never of a request. */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { LiveWorld } from '../live/live-world.js';

export type Outcome = 'ok' | 'error' | 'refused';

export interface Metrics {
  operation(transport: 'http' | 'socket', outcome: Outcome, seconds: number): void;
  /** A result sent on a socket: one of a subscription, or a query's. */
  socketResult(): void;
  socketClosed(code: number): void;
  /** The text that a scraper reads. */
  text(): Promise<string>;
  readonly contentType: string;
}

/** What is asked when a scraper comes. */
export interface Measured {
  readonly sockets: () => number;
  readonly operations: () => number;
  readonly live: Pick<LiveWorld, 'system' | 'recordsTaken'>;
}

export function createMetrics(measured: Measured): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const operations = new Histogram({
    name: 'kairos_graphql_operation_seconds',
    help: 'Time from request to answer of queries and mutations',
    labelNames: ['transport', 'outcome'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
    registers,
  });
  const closed = new Counter({
    name: 'kairos_sockets_closed_total',
    help: 'Sockets closed, by close code',
    labelNames: ['code'],
    registers,
  });
  const results = new Counter({
    name: 'kairos_socket_results_total',
    help: 'Results sent on sockets: of subscriptions each one, of queries and mutations one each',
    registers,
  });
  measureState(registry, measured);

  return {
    operation: (transport, outcome, seconds) => operations.observe({ transport, outcome }, seconds),
    socketResult: () => results.inc(),
    socketClosed: (code) => closed.inc({ code: KNOWN_CODES.includes(code) ? String(code) : 'other' }),
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}

/** Gauges and counters of the state of sockets, world and components. */
function measureState(registry: Registry, { sockets, operations, live }: Measured): void {
  const seconds = (time: number | null): number | null => (time === null ? null : time / 1_000);
  const state = () => live.system();
  const gauges: readonly (readonly [name: string, help: string, read: () => number | null])[] = [
    ['kairos_sockets', 'Open sockets', sockets],
    ['kairos_socket_operations', 'Operations under way on sockets, subscriptions included', operations],
    ['kairos_healthy', '1 while every component is healthy', () => Number(state().isHealthy)],
    ['kairos_world_time_seconds', 'World time, since 1970', () => seconds(state().worldTime)],
    ['kairos_price_time_seconds', 'Wall time of the newest price, since 1970', () => seconds(state().feedLastSeenAt)],
  ];
  for (const [name, help, read] of gauges) {
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(read() ?? NaN);
      },
    });
  }
  new Gauge({
    name: 'kairos_component_healthy',
    help: '1 while the component is healthy',
    labelNames: ['component'],
    registers: [registry],
    collect() {
      for (const { name, isHealthy } of state().components) this.set({ component: name }, Number(isHealthy));
    },
  });
  new Gauge({
    name: 'kairos_component_lag',
    help: 'Messages that a component has still to take, where it tells',
    labelNames: ['component'],
    registers: [registry],
    collect() {
      this.reset();
      for (const { name, lag } of state().components) if (lag !== null) this.set({ component: name }, lag);
    },
  });
  new Counter({
    name: 'kairos_bus_records_total',
    help: 'Messages of the bus that were taken for live streams since the start, by topic',
    labelNames: ['topic'],
    registers: [registry],
    collect() {
      this.reset();
      for (const [topic, count] of live.recordsTaken()) this.inc({ topic }, count);
    },
  });
}

const KNOWN_CODES: readonly number[] = [
  1000, 1001, 1005, 1006, 1008, 1009, 1011, 1013, 4400, 4401, 4403, 4406, 4408, 4409, 4429,
];
