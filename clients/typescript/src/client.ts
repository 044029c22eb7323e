/** The client: every operation of the API as a function, with retries, ETags and credentials. */
import { createCredentials, type Tokens } from './credentials.ts';
import { HoldfastError } from './errors.ts';
import { createEtags } from './etags.ts';
import { type Connect, type FeedInput, listen } from './feed.ts';
import type { Api } from './from-openapi/operations.ts';
import type { HoldfastOptions } from './options.ts';
import { platformParts } from './parts.ts';
import { addressOf, type Input, type Route, routes } from './routes.ts';
import { type Outgoing, type Sender, send } from './send.ts';
import type { CallOptions } from './types.ts';
import { createWaitFor, type WaitFor } from './wait-for.ts';

/** The API, and what belongs to no single operation. */
export interface Holdfast extends Api {
  /** Waits for the end of a job, an import or an export. */
  waitFor: WaitFor;
  /** Returns the ETag of a row that `get`, `create` or `update` returned, for `ifMatch` of a copy of the row. */
  etagOf(row: object): string | undefined;
}

interface Page {
  items: unknown[];
  nextCursor: string | null;
}

/** Creates a client. One client serves one user: answers and tokens are kept in it. */
export function createHoldfast(options: HoldfastOptions = {}): Holdfast {
  const { baseUrl = '', headers = () => ({}), remembered = 100 } = options;
  // The text of a `URL` ends with a slash, and each address begins with one.
  const origin = baseUrl.replace(/\/$/, '');
  const parts = { ...platformParts(), ...options.parts };
  const etags = createEtags(remembered);
  const all = routes();
  const refresh = all.find(({ id }) => id === 'tokens.refresh');
  const sender: Sender = {
    // A `fetch` that is called as a method of another object fails in browsers.
    fetch: options.fetch ?? ((...args) => fetch(...args)),
    credentials: createCredentials(options, exchange),
    parts,
    init: options.init ?? {},
    retries: options.retries ?? 3,
    longestWaitMs: options.longestWaitMs ?? 30_000,
    timeoutMs: options.timeoutMs ?? 30_000,
  };

  /** Returns new tokens; undefined if the API refuses the refresh token. */
  async function exchange(refreshToken: string): Promise<Tokens | undefined> {
    if (!refresh) return;
    // Within 30 s, the same refresh token gets the same new tokens.
    const outgoing = { ...outgoingOf(refresh, { body: { refreshToken } }, {}), isRepeatable: true };
    const anonymous = { ...sender, credentials: { ...sender.credentials, header: () => undefined } };
    try {
      return tokensIn(JSON.parse((await send(anonymous, outgoing)).text));
    } catch (error) {
      if (error instanceof HoldfastError && error.status === 401) return;
      throw error;
    }
  }

  function outgoingOf(route: Route, input: Input, { signal, idempotencyKey, ifMatch }: CallOptions): Outgoing {
    const { body } = input;
    const isText = typeof body === 'string' || body instanceof Blob;
    return {
      route,
      url: origin + addressOf(route, input),
      headers: {
        ...headers(),
        ...(body !== undefined && { 'content-type': isText ? 'text/csv' : 'application/json' }),
        ...(route.hasKey && { 'idempotency-key': idempotencyKey ?? parts.id() }),
        ...(ifMatch !== undefined && { 'if-match': etags.condition(ifMatch) }),
      },
      body: isText || body === undefined ? body : JSON.stringify(body),
      isRepeatable: route.hasKey || /^(?:GET|PUT|DELETE)$/.test(route.method),
      signal,
    };
  }

  async function call(route: Route, input: Input, callOptions: CallOptions): Promise<unknown> {
    const outgoing = outgoingOf(route, input, callOptions);
    const { url } = outgoing;
    const known = route.method === 'GET' ? etags.of(url) : undefined;
    if (known) outgoing.headers['if-none-match'] = known.etag;
    const arrived = await send(sender, outgoing).catch((error: unknown) => {
      if (error instanceof HoldfastError) etags.note(error.current, error.etag);
      throw error;
    });
    const { status, headers: received } = arrived.response;
    const etag = received.get('etag');
    const isSame = status === 304 && known;
    const { text, type } = isSame ? known : { text: arrived.text, type: received.get('content-type') ?? '' };
    const value: unknown = text === '' ? undefined : type.includes('json') ? JSON.parse(text) : text;
    etags.note(value, etag);
    if (route.method === 'GET' && status === 200 && etag !== null) etags.remember(url, { etag, text, type });
    followSignIn(route, value);
    return value;
  }

  /** Keeps the tokens of a sign-in, and drops those of a user who has signed out. */
  function followSignIn({ id, path }: Route, value: unknown): void {
    const tokens = path.startsWith('/auth/') ? tokensIn(value) : undefined;
    if (!tokens && id !== 'sessions.signOut' && id !== 'tokens.revoke') return;
    etags.clear();
    sender.credentials.set(tokens);
  }

  const api: Record<string, Record<string, unknown>> = {};
  for (const route of all) {
    const [noun = '', verb = ''] = route.id.split('.');
    const connect: Connect = async (input, signal) => {
      const outgoing = { ...outgoingOf(route, input, { signal }), readsText: false };
      return (await send({ ...sender, retries: 0 }, outgoing)).response;
    };
    const stream = (input: FeedInput, { signal }: CallOptions = {}) => listen(connect, parts, input, signal);
    const plain = (input: Input = {}, callOptions: CallOptions = {}) => {
      const first = call(route, input, callOptions);
      const after = (cursor: string) => call(route, { ...input, cursor }, callOptions);
      return Object.assign(first, { [Symbol.asyncIterator]: () => itemsOf(first, after) });
    };
    api[noun] = { ...api[noun], [verb]: route.isStream ? stream : plain };
  }
  const typed = api as unknown as Api;
  return { ...typed, waitFor: createWaitFor(typed.jobs.get, parts), etagOf: etags.etagOf };
}

/** Yields the items of a page and of all pages after it. */
async function* itemsOf(first: Promise<unknown>, after: (cursor: string) => Promise<unknown>) {
  for (let page = (await first) as Page; ; page = (await after(page.nextCursor)) as Page) {
    yield* page.items;
    if (page.nextCursor === null) return;
  }
}

function tokensIn(value: unknown): Tokens | undefined {
  const { accessToken, refreshToken } = (value ?? {}) as Partial<Tokens>;
  return accessToken && refreshToken ? { accessToken, refreshToken } : undefined;
}
