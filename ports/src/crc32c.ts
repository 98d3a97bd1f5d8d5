/** CRC-32C (Castagnoli), as in iSCSI and Kafka: of bus records and journal entries, checked on reading. */
const POLYNOMIAL = 0x82f63b78;
/** Bytes that one turn of the loop takes. */
const STRIDE = 8;

/** At `256 * n + byte` what a byte comes to that n more bytes follow in the same turn ("slicing by 8", Intel, 2006). */
const TABLE = tableOf(STRIDE);

function tableOf(rows: number): Uint32Array {
  const table = new Uint32Array(256 * rows);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
    table[byte] = crc;
  }
  for (let at = 256; at < table.length; at++) {
    const before = table[at - 256]!;
    table[at] = (before >>> 8) ^ table[before & 0xff]!;
  }
  return table;
}

/**
 * The checksum of some bytes, as an unsigned 32-bit number.
 *
 * @param previous The checksum of the bytes before these, to go on from; 0 to begin.
 */
export function crc32c(bytes: Uint8Array, previous = 0): number {
  const whole = bytes.length - (bytes.length % STRIDE);
  let crc = ~previous;
  let at = 0;
  for (; at < whole; at += STRIDE) {
    crc ^= bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    crc =
      TABLE[1792 + (crc & 0xff)]! ^
      TABLE[1536 + ((crc >>> 8) & 0xff)]! ^
      TABLE[1280 + ((crc >>> 16) & 0xff)]! ^
      TABLE[1024 + (crc >>> 24)]! ^
      TABLE[768 + bytes[at + 4]!]! ^
      TABLE[512 + bytes[at + 5]!]! ^
      TABLE[256 + bytes[at + 6]!]! ^
      TABLE[bytes[at + 7]!]!;
  }
  for (; at < bytes.length; at++) crc = TABLE[(crc ^ bytes[at]!) & 0xff]! ^ (crc >>> 8);
  return ~crc >>> 0;
}
