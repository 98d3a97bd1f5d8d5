/** A port written synchronously: what an adapter's driver answers at once becomes the promises of the interface. */

/** The methods of a port, each answering at once. */
export type Sync<T> = {
  readonly [K in keyof T]: T[K] extends (...args: infer A) => Promise<infer R> ? (...args: A) => R : never;
};

/** How a call is carried out: checks, retries and errors of an adapter are added here. */
export type CallRunner = <R>(method: string, work: () => R) => Promise<R>;

/** The port whose every method goes through `run`, named `prefix.method`. */
export function promised<T extends object>(prefix: string, port: Sync<T>, run: CallRunner): T {
  const methods = port as Readonly<Record<string, (...args: unknown[]) => unknown>>;
  const entries = Object.keys(methods).map((name) => [
    name,
    (...args: unknown[]) => run(`${prefix}.${name}`, () => methods[name]!(...args)),
  ]);
  return Object.fromEntries(entries) as T;
}
