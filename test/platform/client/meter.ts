/** Measures the cost of a request, including the work after its answer. Other scopes of the app are left out. */
import type { Cost } from '../../../src/platform/rest/cost.ts';
import type { createTestApp } from '../../support/app.ts';

type App = ReturnType<typeof createTestApp>;
type Scope = ReturnType<App['platform']['scope']>;
/** The parts of a scope that publish to QStash. */
type Senders = Record<'fetch' | 'sendToQstash', typeof fetch | undefined>;

/** A request that is measured. */
interface Watched {
  scope?: Scope;
  messages: number;
  ended: PromiseWithResolvers<void>;
}

export interface Measured {
  response: Response;
  cost: Cost;
}

/** Watches the scopes of an app. `qstash` is the URL of its QStash. */
export function createMeter({ platform, app }: App, qstash: string) {
  const requests = new Map<string, Watched>();
  const open = platform.scope;
  platform.scope = (requestId, traceparent) => {
    const scope = open(requestId, traceparent);
    const watched = requests.get(requestId ?? '');
    if (watched) watch(scope, watched);
    return scope;
  };

  function watch(scope: Scope, watched: Watched): void {
    watched.scope = scope;
    const senders = scope as unknown as Senders;
    for (const name of ['fetch', 'sendToQstash'] as const) {
      const send = senders[name];
      if (!send) continue;
      senders[name] = (url, init) => {
        watched.messages += messagesIn(String(url), String(init?.body));
        return send(url, init);
      };
    }
    const { end } = scope;
    scope.end = async () => {
      await end();
      watched.ended.resolve();
    };
  }

  function messagesIn(url: string, body: string): number {
    if (!url.startsWith(qstash)) return 0;
    if (url.endsWith('/v2/batch')) return (JSON.parse(body) as unknown[]).length;
    return url.includes('/v2/publish/') ? 1 : 0;
  }

  /** Sends a request, and waits for the end of its scope. A stream is measured until its first bytes. */
  return async function measure(url: string, init: RequestInit): Promise<Measured> {
    const requestId = `measured-${requests.size}`;
    const watched: Watched = { messages: 0, ended: Promise.withResolvers() };
    requests.set(requestId, watched);
    const headers = new Headers(init.headers);
    headers.set('x-request-id', requestId);
    const response = await app.request(url, { ...init, headers });
    if (!isStream(response)) {
      // The end of a streamed body ends the scope.
      await response.clone().arrayBuffer();
      await watched.ended.promise;
    }
    const { scope, messages } = watched;
    if (!scope) throw new Error(`No scope for ${url}`);
    const { redisMeter, queryMeter } = scope;
    const { requests: sent, commands } = redisMeter;
    return { response, cost: { requests: sent, commands, statements: queryMeter.queries, messages } };
  };
}

export function isStream({ headers }: Response): boolean {
  return headers.get('content-type')?.startsWith('text/event-stream') ?? false;
}
