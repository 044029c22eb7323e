/**
 * The pages call the operations of the API, in this process: each request goes through the gate, the checks and the
 * audit trail of its operation, like a request of another program. So pages have no way of their own to data of
 * patients. Requests that begin together share one request to Redis.
 */
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import {
  type AppEnv,
  allows,
  answerError,
  answerNotFound,
  createRouter,
  type FieldProblem,
  invalidField,
  ProblemError,
  type Right,
} from '../../platform/http/index.ts';

/** The header of requests that a page sends without its user. They do not extend the session. */
export const UNATTENDED = 'x-care-refresh';

/** The operations as an app without the middleware for browsers, which the request of the page has passed already. */
export type Operations = OpenAPIHono<AppEnv>;

/** Makes the app of the operations. */
export function operationsOf(routers: readonly OpenAPIHono<AppEnv>[]): Operations {
  const app = createRouter();
  app.onError(answerError);
  app.notFound(answerNotFound);
  app.use(async function inPage(c, next) {
    const { page } = c.env as { page: Context<AppEnv> };
    c.set('scope', page.var.scope);
    c.set('clientIp', page.var.clientIp);
    c.set('isUnattended', page.req.header(UNATTENDED) !== undefined);
    await next();
  });
  for (const routes of routers) app.route('/', routes);
  return app;
}

/** The signed-in caller, as `GET /auth/session` answers. */
export interface Who {
  tenant: string;
  userId: string | null;
  rights: readonly string[];
}

/** The operations, called with the credentials of one request for a page. */
export interface Api {
  /** @throws {ProblemError} with the status, the code and the members of the answer. */
  get<Body>(path: string): Promise<Body>;
  /**
   * Sends JSON. `key` makes a repeat safe.
   * @throws {ProblemError} with the status, the code and the members of the answer.
   */
  post<Body>(path: string, json?: object, key?: string): Promise<Body>;
  /**
   * Replaces a row. A repeat changes nothing.
   * @throws {ProblemError} with the status, the code and the members of the answer.
   */
  put(path: string, json: object): Promise<void>;
  /**
   * Removes a row. A repeat changes nothing.
   * @throws {ProblemError} with the status, the code and the members of the answer.
   */
  remove(path: string): Promise<void>;
  /**
   * Gets a file.
   * @throws {ProblemError} with the status, the code and the members of the answer.
   */
  file(path: string): Promise<SentFile>;
}

/** A file of an operation, with the headers that make a browser keep it. */
export interface SentFile {
  text: string;
  headers: Record<string, string>;
}

/** A problem in JSON. */
interface Problem {
  code?: string;
  detail?: string;
  errors?: FieldProblem[];
}

/** The headers of a browser that operations read. */
const PASSED = ['authorization', 'user-agent'];
/** The headers of a refusal that the page passes on. */
const RETURNED = ['retry-after'];
/** The headers of a file that the page passes on. */
const OF_FILES = ['content-type', 'content-disposition'];

/**
 * Returns the key of a form as the value of a header, which cannot have every character.
 * @throws {ProblemError} 400
 */
function headerOf(key: string): string {
  if (/[^\x21-\x7e]/.test(key)) throw invalidField('key', 'must have visible ASCII characters only');
  return key;
}

/** Returns the operations for the request of a page. Cookies that an operation sets are set by the page. */
export function apiOf(c: Context<AppEnv>, operations: () => Operations): Api {
  let cookie = c.req.header('cookie');

  /** Sends a request, and throws the problem of a refusal. */
  async function send(
    method: string,
    path: string,
    json?: object,
    key?: string,
  ): Promise<{ answer: Response; text: string }> {
    const headers = new Headers();
    for (const name of PASSED) {
      const value = c.req.header(name);
      if (value !== undefined) headers.set(name, value);
    }
    if (cookie !== undefined) headers.set('cookie', cookie);
    if (key !== undefined) headers.set('idempotency-key', headerOf(key));
    if (json !== undefined) headers.set('content-type', 'application/json');
    const body = json === undefined ? null : JSON.stringify(json);
    const request = new Request(new URL(path, c.req.url), { method, headers, body });
    const answer = await operations().fetch(request, { page: c });
    for (const line of answer.headers.getSetCookie()) {
      c.header('set-cookie', line, { append: true });
      cookie = withCookie(cookie, line);
    }
    const text = await answer.text();
    if (!answer.ok) throw problemIn(answer, contentOf(text));
    return { answer, text };
  }

  return {
    get: async (path) => contentOf((await send('GET', path)).text),
    post: async (path, json, key) => contentOf((await send('POST', path, json, key)).text),
    put: async (path, json) => void (await send('PUT', path, json)),
    remove: async (path) => void (await send('DELETE', path)),
    async file(path) {
      const { answer, text } = await send('GET', path);
      return { text, headers: headersOf(answer, OF_FILES) };
    },
  };
}

function contentOf<Body>(text: string): Body {
  return (text === '' ? {} : JSON.parse(text)) as Body;
}

function headersOf({ headers }: Response, names: readonly string[]): Record<string, string> {
  const found = names.flatMap((name): [string, string][] => {
    const value = headers.get(name);
    return value === null ? [] : [[name, value]];
  });
  return Object.fromEntries(found);
}

/** Returns the header `Cookie` after a browser has taken a line of `Set-Cookie`. */
function withCookie(cookie: string | undefined, line: string): string {
  const [pair = ''] = line.split(';');
  const name = pair.slice(0, pair.indexOf('=') + 1);
  const others = (cookie ?? '').split('; ').filter((each) => each !== '' && !each.startsWith(name));
  return [...others, ...(/max-age=0/i.test(line) ? [] : [pair])].join('; ');
}

function problemIn(answer: Response, content: Problem): ProblemError {
  const { code = String(answer.status), detail = 'The operation has failed', errors = [], ...members } = content;
  return new ProblemError(answer.status as ContentfulStatusCode, code, detail, {
    fields: errors,
    headers: headersOf(answer, RETURNED),
    members: members as Record<string, unknown>,
  });
}

/** Returns whether the caller has a right. */
export function may({ rights }: Who, right: Right): boolean {
  return allows(rights, right);
}

/**
 * Refuses a page to callers without its right, if an operation that shows less to a role would let them see all of it.
 * @throws {ProblemError} 403 `NOT_ALLOWED`
 */
export function requireRight(me: Who, right: Right): void {
  if (!may(me, right)) throw new ProblemError(403, 'NOT_ALLOWED', `This needs the right ${right}`);
}
