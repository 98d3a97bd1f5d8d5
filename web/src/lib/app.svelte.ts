/** The one place where the page's parts are put together; components get them from the context. */
import { createContext } from 'svelte';
import type { Api } from './api/client.js';
import { createApi } from './api/client.js';
import { Session } from './auth/session.svelte.js';
import { Commands } from './live/commands.svelte.js';
import { Connection } from './live/connection.svelte.js';
import { browserPainter } from './live/newest.js';
import { socketsAt } from './live/socket.js';
import type { Timing } from './live/timing.js';
import { browserTiming, Ticker } from './live/timing.js';
import { Workspace } from './live/workspace.svelte.js';
import { Preferences } from './ui/preferences.svelte.js';
import { Toasts } from './ui/toasts.svelte.js';

export interface App {
  readonly api: Api;
  readonly session: Session;
  readonly connection: Connection;
  readonly commands: Commands;
  readonly workspace: Workspace;
  readonly preferences: Preferences;
  readonly toasts: Toasts;
  readonly ticker: Ticker;
  readonly timing: Timing;
  /** Goes on with the session there is; the returned function ends everything. */
  start(): () => void;
}

export const [useApp, provideApp] = createContext<App>();

/** Where GraphQL is answered, beside the page. */
const PATH = '/graphql';

/** Puts the parts together for a browser at this location. Nothing is sent before `start`. */
export function createApp(location: Location, storage: Storage | null): App {
  const timing = browserTiming;
  const socketUrl = `${location.protocol === 'https:' ? 'wss:' : 'ws:'}//${location.host}${PATH}`;
  const api: Api = createApi({
    url: PATH,
    authorization: () => session.authorization,
    renew: () => session.renew(),
  });
  const session: Session = new Session(api, timing);
  const connection = new Connection({
    open: socketsAt(socketUrl),
    timing,
    authorization: () => session.authorization,
    renew: () => session.renew(),
  });
  const commands = new Commands({ api, connection, timing });
  const workspace = new Workspace({ api, connection, commands, timing, painter: browserPainter });
  return {
    api,
    session,
    connection,
    commands,
    workspace,
    preferences: new Preferences(storage),
    toasts: new Toasts((ms, run) => timing.after(ms, run)),
    ticker: new Ticker(timing),
    timing,
    start: () => {
      const stopListening = session.onRenewed(() => connection.handOver());
      void session.start();
      return () => {
        stopListening();
        session.stop();
        workspace.stop();
        connection.stop();
      };
    },
  };
}
