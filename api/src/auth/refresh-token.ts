/** Refresh tokens: 256 random bits. The store keeps a hash, and of a successor an encrypted copy for the grace time. */
import { createCipheriv, createDecipheriv, createHash, hkdfSync } from 'node:crypto';

const TOKEN_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const TOKEN_TEXT = /^[A-Za-z0-9_-]{43}$/;

/** `count` random bytes; of tests: bytes of a seed. */
export type RandomBytes = (count: number) => Uint8Array;

export const newRefreshToken = (random: RandomBytes): string => Buffer.from(random(TOKEN_BYTES)).toString('base64url');

/** Whether a text can be a refresh token at all. */
export const isRefreshToken = (text: string): boolean => TOKEN_TEXT.test(text);

/** What the store knows a token by. */
export const hashOfToken = (token: string): string => createHash('sha256').update(token).digest('hex');

/** Encrypts and decrypts successors with AES-256-GCM, bound to the token that they follow. */
export interface Sealer {
  seal(text: string, boundTo: string): string;
  /** @throws Error when it was not sealed with this key for this token. */
  open(sealed: string, boundTo: string): string;
}

export function createSealer(encryptionKey: string, random: RandomBytes): Sealer {
  const key = Buffer.from(hkdfSync('sha256', encryptionKey, '', 'kairos refresh successors', 32));
  return {
    seal(text, boundTo) {
      const iv = random(IV_BYTES);
      const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(boundTo));
      const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64');
    },
    open(sealed, boundTo) {
      const bytes = Buffer.from(sealed, 'base64');
      const cipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES });
      cipher.setAAD(Buffer.from(boundTo)).setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
      return Buffer.concat([cipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), cipher.final()]).toString('utf8');
    },
  };
}
