/** What an examination asks of this machine: Node.js, files, disk, ports. Tests give another one. */
import { constants } from 'node:fs';
import { access, readFile, stat, statfs } from 'node:fs/promises';
import { request } from 'node:http';
import { createServer } from 'node:net';

export interface Machine {
  /** `20.20.2`. */
  readonly nodeVersion: string;
  /** False where files have no owner's and others' rights. */
  readonly hasFileModes: boolean;
  /** Bytes that may still be written where a file or folder lies. */
  freeBytes(path: string): Promise<number>;
  /** What kind of thing lies at a path and its rights; null where nothing does. */
  look(path: string): Promise<{ readonly isFolder: boolean; readonly mode: number } | null>;
  /** Null where there is no file that can be read. */
  textOf(path: string): Promise<string | null>;
  isReadable(path: string): Promise<boolean>;
  isWritable(path: string): Promise<boolean>;
  /** Why nobody could listen there; null where one could. */
  whyNotFree(host: string, port: number): Promise<NodeJS.ErrnoException | null>;
  /** Status and text of an answer of loopback's HTTP. @throws Error when there is none */
  get(host: string, port: number, path: string): Promise<{ readonly status: number; readonly text: string }>;
}

const ANSWER_MS_MAX = 2_000;
const ANSWER_CHARS_MAX = 10_000;

export const thisMachine: Machine = {
  nodeVersion: process.versions.node,
  hasFileModes: process.platform !== 'win32',
  async freeBytes(path) {
    const { bavail, bsize } = await statfs(path);
    return bavail * bsize;
  },
  async look(path) {
    try {
      const found = await stat(path);
      return { isFolder: found.isDirectory(), mode: found.mode };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw error;
    }
  },
  textOf: (path) => readFile(path, 'utf8').catch(() => null),
  isReadable: (path) => isAllowed(path, constants.R_OK),
  isWritable: (path) => isAllowed(path, constants.R_OK | constants.W_OK),
  whyNotFree: (host, port) =>
    new Promise((resolve) => {
      const probe = createServer();
      probe.once('error', resolve);
      probe.listen(port, host, () => probe.close(() => resolve(null)));
    }),
  get,
};

const isAllowed = (path: string, mode: number): Promise<boolean> =>
  access(path, mode).then(
    () => true,
    () => false,
  );

/** Asks by the name `localhost`: other names are refused. */
function get(host: string, port: number, path: string): Promise<{ status: number; text: string }> {
  const options = { host, port, path, timeout: ANSWER_MS_MAX, headers: { host: `localhost:${port}` }, agent: false };
  return new Promise((resolve, reject) => {
    const asking = request(options, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        text = (text + part).slice(0, ANSWER_CHARS_MAX);
      });
      response.on('error', reject).on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    asking.on('timeout', () => asking.destroy(new Error(`no answer within ${ANSWER_MS_MAX / 1_000} s`)));
    asking.on('error', reject);
    asking.end();
  });
}
