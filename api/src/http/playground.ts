/** A small page at GET /graphql to try operations with: no library, nothing from elsewhere. */
import { createHash } from 'node:crypto';
import type { RequestHandler } from 'express';

const SCRIPT = `
const byId = (id) => document.getElementById(id);
byId('form').addEventListener('submit', async (event) => {
  event.preventDefault();
  const headers = { 'content-type': 'application/json' };
  if (byId('token').value) headers.authorization = 'Bearer ' + byId('token').value;
  try {
    const variables = JSON.parse(byId('variables').value || '{}');
    const body = JSON.stringify({ query: byId('query').value, variables });
    const answer = await fetch('/graphql', { method: 'POST', headers, body });
    byId('answer').textContent = JSON.stringify(await answer.json(), null, 2);
  } catch (error) {
    byId('answer').textContent = String(error);
  }
});
`;

const STYLE = 'body{font:14px monospace;margin:2rem;max-width:70rem}textarea,input{width:100%;font:inherit}';

const PAGE = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Kairos GraphQL</title><style>${STYLE}</style></head>
<body><h1>Kairos GraphQL</h1><form id="form">
<p><label>Operation<textarea id="query" rows="14">{ system { feedName healthy version } }</textarea></label></p>
<p><label>Variables (JSON)<textarea id="variables" rows="4">{}</textarea></label></p>
<p><label>Access token<input id="token" autocomplete="off"></label></p>
<button>Run</button></form><pre id="answer"></pre><script>${SCRIPT}</script></body></html>
`;

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
const POLICY =
  `default-src 'none'; script-src ${hashOf(SCRIPT)}; style-src ${hashOf(STYLE)}; connect-src 'self'; ` +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Answers browsers that come to look; everything else goes on. */
export const playground: RequestHandler = (request, response, next) => {
  if (request.method !== 'GET' || request.query['query'] !== undefined) return next();
  if (!(request.headers.accept ?? '').includes('text/html')) return next();
  response.set('Content-Security-Policy', POLICY).set('Cache-Control', 'no-store').type('html').send(PAGE);
};
