import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeCommand, encodeCommand, readConfig, TOPICS } from '@kairos/schema';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isSignedBy, loadSecrets, signCommand } from './secrets.js';
import { SAMPLE_TIME, sampleCommand } from './store/samples.js';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'kairos-secrets-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const config = (env: Record<string, string> = {}) => readConfig({ DATA_DIR: join(root, 'data'), ...env });
const SECRET = 'correct horse battery staple, and more';

describe('loadSecrets', () => {
  it('makes secrets once and keeps them where only their owner reads them', async () => {
    const first = await loadSecrets(config());
    expect(first.jwtSecret).toMatch(/^[0-9a-f]{64}$/);
    expect(first.encryptionKey).toMatch(/^[0-9a-f]{64}$/);
    expect(first.encryptionKey).not.toBe(first.jwtSecret);
    expect(await loadSecrets(config())).toEqual(first);
    const mode = (path: string) => statSync(path).mode & 0o777;
    expect(mode(join(root, 'data'))).toBe(0o700);
    expect(readdirSync(join(root, 'data')).sort()).toEqual(['encryption-key', 'jwt-secret']);
    expect(mode(join(root, 'data', 'jwt-secret'))).toBe(0o600);
  });

  it('gives processes that start together the same secrets', async () => {
    const all = await Promise.all(Array.from({ length: 8 }, () => loadSecrets(config())));
    expect(new Set(all.map((secrets) => secrets.jwtSecret)).size).toBe(1);
    expect(new Set(all.map((secrets) => secrets.encryptionKey)).size).toBe(1);
  });

  it('prefers what is configured', async () => {
    const secrets = await loadSecrets(config({ JWT_SECRET: SECRET }));
    expect(secrets.jwtSecret).toBe(SECRET);
    expect(readdirSync(join(root, 'data'))).toEqual(['encryption-key']);
  });

  it('closes a kept secret that others could read', async () => {
    await loadSecrets(config());
    const file = join(root, 'data', 'jwt-secret');
    chmodSync(file, 0o644);
    await loadSecrets(config());
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('refuses a kept secret that is none, and says which file', async () => {
    await loadSecrets(config());
    const file = join(root, 'data', 'jwt-secret');
    writeFileSync(file, 'short');
    await expect(loadSecrets(config())).rejects.toMatchObject({
      code: 'CORRUPT',
      message: expect.stringContaining(file) as string,
    });
  });

  it('refuses a DATA_DIR that cannot be made', async () => {
    writeFileSync(join(root, 'data'), 'a file');
    await expect(loadSecrets(config())).rejects.toMatchObject({ code: 'INVALID' });
  });

  it('keeps nothing where the store is a server: the encryption key follows from the JWT secret', async () => {
    const env = { MONGODB_URI: 'mongodb://127.0.0.1/x', FEED: 'simulator', JWT_SECRET: SECRET, HOST: '127.0.0.1' };
    const secrets = await loadSecrets(config(env));
    expect(await loadSecrets(config(env))).toEqual(secrets);
    expect(secrets.encryptionKey).toMatch(/^[0-9a-f]{64}$/);
    expect(readdirSync(root)).toEqual([]);
  });
});

describe('signatures of commands', () => {
  const meta = { topic: TOPICS.commands, partition: 0, offset: 0, timestamp: SAMPLE_TIME };
  const receivedFrom = (command: Parameters<typeof encodeCommand>[0]) => {
    const decoded = decodeCommand(encodeCommand(command), meta);
    if (!decoded.ok) throw new Error(decoded.error.reason);
    return { signedText: decoded.value.signedText, signature: decoded.value.command.signature! };
  };

  it('hold for the command as it is received', () => {
    const { signedText, signature } = receivedFrom(signCommand(sampleCommand({ reason: 'Ruhe ✓' }), SECRET));
    expect(isSignedBy(signedText, signature, SECRET)).toBe(true);
    expect(isSignedBy(signedText, signature.toUpperCase(), SECRET)).toBe(true);
  });

  it('do not depend on a signature that was there before', () => {
    const once = signCommand(sampleCommand(), SECRET);
    expect(signCommand(once, SECRET)).toEqual(once);
  });

  it.each([
    ['another secret', (text: string, signature: string) => isSignedBy(text, signature, `${SECRET}!`)],
    ['another text', (text: string, signature: string) => isSignedBy(`${text} `, signature, SECRET)],
    ['a changed digit', (text: string, s: string) => isSignedBy(text, (s[0] === '0' ? '1' : '0') + s.slice(1), SECRET)],
    ['a shorter signature', (text: string, signature: string) => isSignedBy(text, signature.slice(2), SECRET)],
    ['what is not hexadecimal', (text: string) => isSignedBy(text, 'z'.repeat(64), SECRET)],
    ['nothing', (text: string) => isSignedBy(text, '', SECRET)],
  ])('do not hold for %s', (_, check) => {
    const { signedText, signature } = receivedFrom(signCommand(sampleCommand(), SECRET));
    expect(check(signedText, signature)).toBe(false);
  });
});
