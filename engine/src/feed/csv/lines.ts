/**
 * A file's lines as they stand, in batches: plain or gzip (told by the first bytes, not by the name), in constant
 * memory however long file or line is.
 *
 * Bytes are taken one to one as characters (latin1), so that broken text is seen and nothing is lost.
 */
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';

/** Characters that a line may have; of a longer one only the beginning is kept. */
export const LINE_LENGTH_MAX = 4_096;

const CHUNK_BYTES = 256 * 1024;
const GZIP_MAGIC = [0x1f, 0x8b];
const BYTE_ORDER_MARK = '\xef\xbb\xbf';

export interface Line {
  /** From 1. */
  readonly number: number;
  /** Without its end. */
  readonly text: string;
  /** False for a last line that the file ends in. */
  readonly hasEnd: boolean;
}

/** Lines of one chunk; `failure` is set on the last batch when the archive is broken. */
export interface LineBatch {
  readonly lines: readonly Line[];
  readonly failure: string | null;
}

/** Reads a file from its beginning. @throws the file system's error when it cannot be opened or read. */
export async function* readLines(path: string): AsyncGenerator<LineBatch> {
  const splitter = createSplitter();
  let failure: string | null = null;
  try {
    for await (const chunk of await openText(path)) {
      const lines = splitter.push(chunk);
      if (lines.length > 0) yield { lines, failure: null };
    }
  } catch (error) {
    if (!isArchiveError(error)) throw error;
    failure = error.message;
  }
  yield { lines: splitter.end(), failure };
}

async function openText(path: string): Promise<AsyncIterable<string>> {
  const isPacked = await isGzip(path);
  const file = createReadStream(path, { highWaterMark: CHUNK_BYTES });
  if (!isPacked) return file.setEncoding('latin1');
  const unpacked = createGunzip({ chunkSize: CHUNK_BYTES });
  // The iteration over `unpacked` reports the error that pipeline hands on.
  pipeline(file, unpacked, () => undefined);
  return unpacked.setEncoding('latin1');
}

async function isGzip(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return GZIP_MAGIC.every((byte, index) => buffer[index] === byte);
  } finally {
    await file.close();
  }
}

function isArchiveError(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('Z_');
}

/** Splits text that comes in pieces into numbered lines. */
export function createSplitter(): { push(chunk: string): Line[]; end(): Line[] } {
  let rest = '';
  let number = 0;
  const next = (text: string, hasEnd: boolean): Line => {
    number++;
    const start = number === 1 && text.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK.length : 0;
    const stop = text.endsWith('\r') ? text.length - 1 : text.length;
    return { number, text: text.slice(start, Math.min(stop, start + LINE_LENGTH_MAX + 1)), hasEnd };
  };
  return {
    push(chunk) {
      const lines: Line[] = [];
      let from = 0;
      for (let to = chunk.indexOf('\n'); to >= 0; to = chunk.indexOf('\n', from)) {
        lines.push(next(rest + chunk.slice(from, to), true));
        rest = '';
        from = to + 1;
      }
      // What is beyond the longest line is not needed: keeping it would cost memory without bound.
      if (rest.length <= LINE_LENGTH_MAX + BYTE_ORDER_MARK.length) rest += chunk.slice(from);
      return lines;
    },
    end: () => (rest === '' ? [] : [next(rest, false)]),
  };
}
