/** Serves the built page and the pretend API on one port. */
import { randomUUID } from 'node:crypto';
import { createReadStream, existsSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSchema, execute, GraphQLError, parse, subscribe, validate } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import { createResolvers } from './resolvers.js';
import { createWorld } from './world.js';

const here = fileURLToPath(new URL('.', import.meta.url));
const build = join(here, '../../build');
const sdl = readFileSync(process.env.SDL ?? join(here, '../../../schema/schema.graphql'), 'utf8');
const schema = buildSchema(sdl);
const tokenSeconds = Number(process.env.TOKEN_SECONDS ?? 900);
const world = createWorld({
  feed: process.env.FAKE_FEED ?? 'SIMULATOR',
  mode: process.env.FAKE_MODE ?? 'PAPER',
  isEmpty: process.env.FAKE_EMPTY === '1',
  hasSlowClose: process.env.FAKE_SLOW_CLOSE === '1',
});
const resolvers = createResolvers(world);
const refreshTokens = new Set();
const accessTokens = new Map();

function grant(response) {
  const refresh = randomUUID();
  const access = randomUUID();
  refreshTokens.add(refresh);
  const expiresAt = Date.now() + tokenSeconds * 1_000;
  accessTokens.set(`Bearer ${access}`, expiresAt);
  response.setHeader('Set-Cookie', `kairos_refresh_fake=${refresh}; HttpOnly; SameSite=Strict; Path=/graphql`);
  return { accessToken: access, expiresAt: new Date(expiresAt).toISOString(), user: world.user };
}

const isKnown = (authorization) => (accessTokens.get(authorization) ?? 0) > Date.now();
const unauthenticated = (message) => new GraphQLError(message, { extensions: { code: 'UNAUTHENTICATED' } });

function rootFor(request, response) {
  const cookie = /kairos_refresh_fake=([\w-]+)/.exec(request.headers.cookie ?? '')?.[1];
  const open = {
    login: ({ username, password }) => {
      if (username !== 'admin' || !world.checkPassword(password)) throw unauthenticated('Wrong name or password.');
      return grant(response);
    },
    refresh: () => {
      if (!refreshTokens.has(cookie)) throw unauthenticated('Sign in first.');
      return grant(response);
    },
    logout: () => refreshTokens.delete(cookie) || true,
  };
  const guarded = Object.entries({ ...resolvers.query, ...resolvers.mutation }).map(([name, answer]) => [
    name,
    (args) => {
      if (!isKnown(request.headers.authorization)) throw unauthenticated('Sign in first.');
      return answer(args);
    },
  ]);
  return { ...open, ...Object.fromEntries(guarded) };
}

async function answer(request, response) {
  let body = '';
  for await (const chunk of request) body += chunk;
  const { query, variables } = JSON.parse(body);
  const document = parse(query);
  const errors = validate(schema, document);
  const result =
    errors.length > 0
      ? { errors }
      : await execute({ schema, document, rootValue: rootFor(request, response), variableValues: variables });
  response.setHeader('Content-Type', 'application/json');
  response.end(JSON.stringify(result));
}

const TYPES = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
};

function serve(path, response) {
  const wanted = join(build, normalize(path));
  const file =
    wanted.startsWith(build) && existsSync(wanted) && statSync(wanted).isFile() ? wanted : join(build, 'index.html');
  response.setHeader('Content-Type', TYPES[extname(file)] ?? 'application/octet-stream');
  createReadStream(file).pipe(response);
}

const server = createServer((request, response) => {
  const path = new URL(request.url, 'http://localhost').pathname;
  if (path === '/graphql') return void answer(request, response);
  if (path === '/fake/engine-down' || path === '/fake/engine-up') {
    world.setEngine(path.endsWith('up'));
    return void response.end('ok');
  }
  serve(path, response);
});

/** Frames of one kind as an async iterator: what `read` makes of each event, at once and then at least every 2 s if told. */
async function* stream(kinds, read, { isState = false, name }) {
  const waiting = isState ? [null] : [];
  let wake = () => undefined;
  const push = (kind, value) => {
    if (!kinds.includes(kind)) return;
    waiting.push(value);
    wake();
  };
  const off = world.on(push);
  const beat = isState ? setInterval(() => push(kinds[0], null), 1_000) : undefined;
  try {
    for (;;) {
      while (waiting.length > 0) {
        const frame = read(waiting.shift());
        if (frame) yield { [name]: frame };
      }
      await new Promise((resolve) => {
        wake = resolve;
      });
    }
  } finally {
    off();
    clearInterval(beat);
  }
}

const booksOf = (id) => world.books.find(({ account }) => account.id === id);
const facts =
  (kind, name) =>
  ({ accountId, afterSeq }) => {
    const known = booksOf(accountId)[kind === 'trade' ? 'trades' : 'decisions'];
    const missed = known.filter((one) => one.seq > (afterSeq ?? Infinity)).sort((a, b) => a.seq - b.seq);
    return (async function* () {
      for (const one of missed) yield { [name]: { ...one } };
      yield* stream([kind], (one) => (one.accountId === accountId ? { ...one } : null), { name });
    })();
  };

const streams = {
  livePnl: ({ accountId }) =>
    stream(['pnl', 'price'], () => resolvers.view.livePnl(booksOf(accountId)), { isState: true, name: 'livePnl' }),
  tradeUpdated: facts('trade', 'tradeUpdated'),
  decisionMade: facts('decision', 'decisionMade'),
  signalPublished: () => stream(['signal'], (one) => ({ ...one, decisions: [] }), { name: 'signalPublished' }),
  systemChanged: () => stream(['system'], () => resolvers.view.system(), { isState: true, name: 'systemChanged' }),
  commandUpdated: ({ id }) => stream(['command'], (one) => (one.id === id ? one : null), { name: 'commandUpdated' }),
};

useServer(
  {
    schema,
    execute: (args) => execute({ ...args, rootValue: args.rootValue }),
    subscribe: (args) => subscribe({ ...args, rootValue: streams }),
    onConnect: ({ connectionParams, extra }) => {
      const expiresAt = accessTokens.get(connectionParams?.authorization) ?? 0;
      if (expiresAt <= Date.now()) {
        extra.socket.close(4403, 'token-expired');
        return false;
      }
      const timer = setTimeout(() => extra.socket.close(4403, 'token-expired'), expiresAt - Date.now());
      extra.socket.once('close', () => clearTimeout(timer));
      return true;
    },
  },
  new WebSocketServer({ server, path: '/graphql' }),
);

server.listen(Number(process.env.PORT ?? 4400), '127.0.0.1', () => {
  console.log(`A pretend Kairos at http://127.0.0.1:${server.address().port} (admin / admin123)`);
});
