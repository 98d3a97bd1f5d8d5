/** Secrets of an installation, and the signatures made with one of them. */
import { createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';
import { chmod, link, mkdir, open, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command, Config } from '@kairos/schema';
import { ConfigError, signedTextOf } from '@kairos/schema';
import { PortError } from './errors.js';

export interface Secrets {
  /** Signs access tokens. */
  readonly jwtSecret: string;
  /** Encrypts what is stored encrypted. */
  readonly encryptionKey: string;
}

/** Bytes of a secret that is made; kept as hexadecimal text. */
const SECRET_BYTES = 32;
const SECRET_TEXT = new RegExp(`^[0-9a-f]{${2 * SECRET_BYTES}}$`);

/**
 * The secrets from the configuration. Embedded, one that is not set is made once and kept in a file of DATA_DIR that
 * only its owner can read; processes that start together get the same. With MONGODB_URI an encryption key that is not
 * set follows from the JWT secret.
 *
 * @throws ConfigError when JWT_SECRET is needed and not set, PortError CORRUPT when a kept secret is not one,
 *   PortError INVALID when DATA_DIR cannot be written.
 */
export async function loadSecrets(config: Config): Promise<Secrets> {
  const { DATA_DIR, JWT_SECRET, ENCRYPTION_KEY, isStoreEmbedded } = config;
  if (isStoreEmbedded) {
    return {
      jwtSecret: JWT_SECRET ?? (await keptSecret(DATA_DIR, 'jwt-secret')),
      encryptionKey: ENCRYPTION_KEY ?? (await keptSecret(DATA_DIR, 'encryption-key')),
    };
  }
  if (JWT_SECRET === null) {
    const message = 'expected a secret of 32 characters or more with MONGODB_URI, found nothing';
    throw new ConfigError([{ variable: 'JWT_SECRET', message }]);
  }
  return { jwtSecret: JWT_SECRET, encryptionKey: ENCRYPTION_KEY ?? derivedKey(JWT_SECRET) };
}

const derivedKey = (secret: string): string =>
  Buffer.from(hkdfSync('sha256', secret, '', 'kairos encryption key', SECRET_BYTES)).toString('hex');

async function keptSecret(folder: string, name: string): Promise<string> {
  const file = join(folder, name);
  try {
    const kept = await readSecret(file);
    if (kept !== null) return kept;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await makeSecret(file);
    return (await readSecret(file))!;
  } catch (error) {
    if (error instanceof PortError) throw error;
    const { message } = error as Error;
    throw new PortError('INVALID', `cannot keep a secret in ${file}: ${message}; check DATA_DIR`, error);
  }
}

/** The secret in a file; null where there is no file. A file that others could read is closed to them. */
async function readSecret(file: string): Promise<string | null> {
  try {
    const text = (await readFile(file, 'utf8')).trim();
    if ((await stat(file)).mode & 0o077) await chmod(file, 0o600);
    if (SECRET_TEXT.test(text)) return text;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  throw new PortError(
    'CORRUPT',
    `${file}: expected a secret of ${2 * SECRET_BYTES} hexadecimal digits, found other text; put the file back from a backup, or remove it to have a new secret made`,
  );
}

/** Writes a new secret aside and gives it its name; where another process was faster, the other's stays. */
async function makeSecret(file: string): Promise<void> {
  const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`;
  const handle = await open(draft, 'wx', 0o600);
  try {
    await handle.writeFile(`${randomBytes(SECRET_BYTES).toString('hex')}\n`);
    await handle.sync();
    await link(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await handle.close();
    await rm(draft, { force: true });
  }
}

const signatureOf = (text: string, secret: string): Buffer =>
  createHmac('sha256', secret).update(text, 'utf8').digest();

/** The command with its signature: hex HMAC-SHA256 over its canonical JSON without it. */
export const signCommand = (command: Command, secret: string): Command => ({
  ...command,
  signature: signatureOf(signedTextOf(command), secret).toString('hex'),
});

const SIGNATURE_TEXT = /^[0-9a-f]{64}$/i;

/** Whether a signature was made over this text with this secret; takes the same time whatever is wrong. */
export function isSignedBy(signedText: string, signature: string, secret: string): boolean {
  if (!SIGNATURE_TEXT.test(signature)) return false;
  return timingSafeEqual(Buffer.from(signature, 'hex'), signatureOf(signedText, secret));
}
