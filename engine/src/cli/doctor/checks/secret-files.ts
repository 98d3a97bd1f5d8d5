import { join, resolve } from 'node:path';
import type { Check } from '../finding.js';
import { unknown, well, wrong } from '../finding.js';
import type { Subject } from '../subject.js';

/** Rights of everybody but the owner. */
const OTHERS = 0o077;
const FILES = ['jwt-secret', 'encryption-key', 'app.db'];
/** A line of .env that sets something secret; connection strings hold passwords. */
const SECRET_LINE = /^\s*(export\s+)?\w*(PASSWORD|SECRET|KEY|MONGODB_URI|SMTP_URL)\s*=\s*\S/m;

/** Whether files with secrets are their owner's alone: whoever reads them can forge logins. */
export const secretFilesCheck = ({ config, machine }: Pick<Subject, 'config' | 'machine'>): Check => ({
  name: 'files with secrets',
  limitMs: 2_000,
  async run() {
    if (!machine.hasFileModes) return unknown('this system has no file modes');
    const env = resolve('.env');
    const hasSecrets = SECRET_LINE.test((await machine.textOf(env)) ?? '');
    const own = FILES.map((name) => join(resolve(config.DATA_DIR), name));
    const files = hasSecrets ? [env, ...own] : own;
    const found = await Promise.all(files.map(async (file) => ({ file, seen: await machine.look(file) })));
    const present = found.filter(({ seen }) => seen !== null);
    const open = present.filter(({ seen }) => (seen!.mode & OTHERS) !== 0).map(({ file }) => file);
    if (open.length > 0) return wrong(`other users may read ${open.join(', ')}`, `Run: chmod 600 ${open.join(' ')}`);
    return well(present.length === 0 ? 'none yet' : `${present.length} readable by their owner only`);
  },
});
