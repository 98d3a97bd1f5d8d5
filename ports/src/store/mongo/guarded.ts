/** The rim of the adapter: whatever goes wrong inside of a call comes out as the rejection of a PortError. */
import { portErrorOf } from './mongo-error.js';

type Method = (...args: readonly unknown[]) => Promise<unknown>;

/** The port whose every method is named in errors as `prefix.method`, and runs after `before`. */
export function guarded<T extends object>(prefix: string, port: T, before?: () => Promise<void>): T {
  const methods = Object.entries(port as Readonly<Record<string, Method>>).map(([name, method]) => [
    name,
    async (...args: readonly unknown[]) => {
      try {
        await before?.();
        return await method(...args);
      } catch (error) {
        throw portErrorOf(error, `${prefix}.${name}`);
      }
    },
  ]);
  return Object.fromEntries(methods) as T;
}
