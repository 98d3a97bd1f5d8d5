/** The page's parts, put together over an API and sockets that the test holds. */
import type { App } from '../app.svelte.js';
import { Session } from '../auth/session.svelte.js';
import { Commands } from '../live/commands.svelte.js';
import { Connection } from '../live/connection.svelte.js';
import { Desk } from '../live/desk.svelte.js';
import { Ticker } from '../live/timing.js';
import { Workspace } from '../live/workspace.svelte.js';
import { Preferences } from '../ui/preferences.svelte.js';
import { Toasts } from '../ui/toasts.svelte.js';
import { FakeApi } from './api.js';
import { account, livePnl } from './entities.js';
import { FakeSockets } from './sockets.js';
import { FakePainter, FakeTiming, settled } from './timing.js';

const user = { id: 'u1', username: 'admin', role: 'ADMIN', mustChangePassword: false } as const;

export interface Stage {
  readonly app: App;
  readonly api: FakeApi;
  readonly sockets: FakeSockets;
  readonly timing: FakeTiming;
  readonly desk: Desk;
  /** Sends live figures and paints them. */
  show(frame?: Parameters<typeof livePnl>[0]): void;
}

/** A signed-in page with one account, connected. */
export async function createStage(): Promise<Stage> {
  const timing = new FakeTiming();
  const painter = new FakePainter();
  const sockets = new FakeSockets();
  const api = new FakeApi()
    .on('Login', () => ({
      login: { accessToken: 'one', expiresAt: new Date(timing.wall() + 900_000).toISOString(), user },
    }))
    .on('Desk', () => ({ trades: null, decisions: null, signals: null, stats: null, commands: [] }))
    .on('Curve', () => ({ equityCurve: [] }))
    .on('Account', () => ({ account: account() }))
    .on('Command', () => ({ command: null }));
  const session = new Session(api, timing);
  await session.login('admin', 'secret');
  const authorization = () => session.authorization;
  const connection = new Connection({ open: sockets.open, timing, authorization, renew: () => session.renew() });
  const commands = new Commands({ api, connection, timing });
  const deps = { api, connection, commands, timing, painter };
  const workspace = new Workspace(deps);
  connection.start();
  sockets.last.accept();
  const desk = new Desk(deps, account());
  desk.start();
  await settled();
  const app: App = {
    api,
    session,
    connection,
    commands,
    workspace,
    timing,
    preferences: new Preferences(null),
    toasts: new Toasts(() => undefined),
    ticker: new Ticker(timing),
    start: () => () => undefined,
  };
  const show = (frame: Parameters<typeof livePnl>[0] = {}): void => {
    for (const stream of sockets.last.running('LivePnl')) stream.next({ livePnl: livePnl(frame) });
    painter.paint();
  };
  return { app, api, sockets, timing, desk, show };
}
