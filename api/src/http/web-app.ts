/** The built web app: files as they are, the page for every other path. Without a build a plain page says how to make it. */
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Router } from 'express';
import express from 'express';
import { inlineScriptHashes, pagePolicy } from './headers.js';

const PAGE_FILE = 'index.html';
const IMMUTABLE_FOLDER = `${path.sep}_app${path.sep}immutable${path.sep}`;
const FILE_PATH = /\.[a-z0-9]+$/i;

const NO_BUILD = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Kairos</title></head>
<body><h1>Kairos</h1><p>The API runs, but the web app has not been built yet. Build it with <code>npm run build</code>
in the project's folder, then load this page again.</p></body></html>
`;

interface Page {
  readonly html: string;
  readonly scriptHashes: readonly string[];
  readonly changedAt: number;
}

/** Serves the folder of the build. A page that was built again meanwhile is noticed. */
export function createWebApp(folder: string): Router {
  const router = express.Router();
  const readPage = createPageReader(path.join(folder, PAGE_FILE));
  const files = express.static(folder, {
    index: false,
    dotfiles: 'ignore',
    redirect: false,
    setHeaders: (response, file) => {
      const isImmutable = file.includes(IMMUTABLE_FOLDER);
      response.set('Cache-Control', isImmutable ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
  });
  router.use((request, response, next) => (request.path === `/${PAGE_FILE}` ? next() : files(request, response, next)));
  router.get('/{*path}', async (request, response, next) => {
    if (FILE_PATH.test(request.path) && request.path !== `/${PAGE_FILE}`) return next();
    const page = await readPage();
    response
      .status(page ? 200 : 503)
      .set('Cache-Control', 'no-cache')
      .set('Content-Security-Policy', pagePolicy(page?.scriptHashes ?? [], request.headers.host ?? ''))
      .type('html')
      .send(page?.html ?? NO_BUILD);
  });
  return router;
}

function createPageReader(file: string): () => Promise<Page | null> {
  let page: Page | null = null;
  return async () => {
    const found = await stat(file).catch(() => null);
    if (!found?.isFile()) return null;
    if (page?.changedAt !== found.mtimeMs) {
      const html = await readFile(file, 'utf8');
      page = { html, scriptHashes: inlineScriptHashes(html), changedAt: found.mtimeMs };
    }
    return page;
  };
}
