/** Cuts a stream of bytes into frames: four bytes of length each, then the frame. */
import { ANSWER_BYTES_MAX } from './limits.js';

const LENGTH_BYTES = 4;

/** `onFrame` gets each whole frame; the result is false once the lengths make no sense. */
export function createFrames(onFrame: (frame: Buffer) => void): (chunk: Buffer) => boolean {
  let chunks: Buffer[] = [];
  let size = 0;
  let needed = LENGTH_BYTES;

  return function take(chunk) {
    chunks.push(chunk);
    size += chunk.length;
    while (size >= needed) {
      const bytes = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, size);
      chunks = [bytes];
      const length = bytes.readInt32BE(0);
      if (length < 0 || length > ANSWER_BYTES_MAX) return false;
      needed = LENGTH_BYTES + length;
      if (size < needed) return true;
      const rest = bytes.subarray(needed);
      onFrame(bytes.subarray(LENGTH_BYTES, needed));
      chunks = rest.length === 0 ? [] : [rest];
      size = rest.length;
      needed = LENGTH_BYTES;
    }
    return true;
  };
}
