/** A self-made certificate for loopback: a key store for Java and the certificate as PEM for its clients. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { requireTool, runCommand } from './tools.mjs';

/** Guards a key that is made for one test. */
const PASSWORD = 'only-for-tests';
const DAYS = '30';

/** Made once per folder: `{ keystore, password, certificateFile, certificate }`. @throws MissingTool */
export async function makeCertificate(folder) {
  const keystore = join(folder, 'keystore.p12');
  const certificateFile = join(folder, 'certificate.pem');
  const store = ['-keystore', keystore, '-storetype', 'PKCS12', '-storepass', PASSWORD, '-alias', 'kafka'];
  if (!existsSync(certificateFile)) {
    await requireTool('keytool');
    await runCommand('keytool', [
      ...['-genkeypair', ...store, '-keyalg', 'EC', '-groupname', 'secp256r1', '-validity', DAYS],
      ...['-dname', 'CN=localhost', '-ext', 'san=dns:localhost,ip:127.0.0.1', '-ext', 'bc:c'],
    ]);
    await runCommand('keytool', ['-exportcert', '-rfc', ...store, '-file', certificateFile]);
  }
  return { keystore, password: PASSWORD, certificateFile, certificate: await readFile(certificateFile, 'utf8') };
}
