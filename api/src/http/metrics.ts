/** What the process counts, in a registry of its own. Labels are words of this code, never of a request. */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

export type Outcome = 'ok' | 'error' | 'refused';

export interface Metrics {
  operation(transport: 'http' | 'socket', outcome: Outcome, seconds: number): void;
  socketClosed(code: number): void;
  /** The text that a scraper reads. */
  text(): Promise<string>;
  readonly contentType: string;
}

/** `sockets` and `operations` are asked when a scraper comes. */
export function createMetrics(count: { readonly sockets: () => number; readonly operations: () => number }): Metrics {
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
  gauge('kairos_sockets', 'Open sockets', count.sockets);
  gauge('kairos_socket_operations', 'Operations under way on sockets', count.operations);

  function gauge(name: string, help: string, read: () => number): void {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  }

  return {
    operation: (transport, outcome, seconds) => operations.observe({ transport, outcome }, seconds),
    socketClosed: (code) => closed.inc({ code: KNOWN_CODES.includes(code) ? String(code) : 'other' }),
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}

const KNOWN_CODES: readonly number[] = [1000, 1001, 1005, 1006, 1009, 1013, 4400, 4401, 4403, 4406, 4408, 4409, 4429];
