/**
 * `Idempotency-Key` on POST (draft-ietf-httpapi-idempotency-key-header): a request that is sent again, because its
 * answer was lost, gets the first answer again. A different request under the same key is refused. A repeat during the
 * first request is refused too, and must be retried later.
 *
 * Two memories work together. Redis keeps the final answer, sealed. PostgreSQL keeps the result of each commit, in
 * the commit's own transaction (see `outbox/idempotent-call.ts`). If the answer to a COMMIT was lost, a repeat runs
 * the handler again, and every earlier commit returns its first result. A handler must therefore build its answer
 * from the results of its commits, and create ids and times inside the commits.
 */
import { createHash } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import { retryAfter } from '../duration.ts';
import { fingerprintsOf, once } from '../locks/index.ts';
import { type IdempotentCall, IdempotentCallError } from '../outbox/index.ts';
import { invalidField } from './invalid.ts';
import { ProblemError } from './problem.ts';
import type { AppEnv, Caller } from './scope.ts';

/** The stored form of an answer. */
interface Answer {
  status: number;
  headers: [string, string][];
  body: string;
}

/** Headers that are stored and repeated with an answer. */
const KEPT = ['content-type', 'location', 'etag'];
/** The form of a key: visible ASCII, as the structured string of the draft, with or without quotes. */
const KEY = /^[\x21-\x7e]{1,255}$/;

const header = {
  name: 'Idempotency-Key',
  in: 'header',
  schema: { type: 'string', pattern: KEY.source },
} as const;

/** The header in the OpenAPI document. */
export const IDEMPOTENCY_KEY = {
  ...header,
  description:
    'Makes it safe to repeat the request after a lost answer: for 24 hours, the same request with the same key gets ' +
    'the first answer, with `Idempotency-Replayed: true`. Successes and the refusals 400 and 422 are stored. After ' +
    'any other answer, the request may be repeated with its key, and nothing is written twice. A different request ' +
    'with the key is refused (422 `IDEMPOTENCY_KEY_REUSED`), and so is a repeat while the first request is running ' +
    '(409 `IDEMPOTENT_CALL_RUNNING`).',
} as const;

/** The header in the OpenAPI document of a route whose answer holds a secret. */
export const IDEMPOTENCY_KEY_OF_SECRET = {
  ...header,
  description:
    'Makes it safe to repeat the request after a lost answer: for 24 hours, the same request with the same key is ' +
    'executed once. The answer contains a secret that is shown once and not stored. So a repeat gets 409 ' +
    '`ANSWER_NOT_REPEATED` with the `location` of the created resource: delete it or rotate its secret. After a ' +
    'failure, the request may be repeated with its key. A different request with the key is refused (422 ' +
    '`IDEMPOTENCY_KEY_REUSED`), and so is a repeat while the first request is running (409 `IDEMPOTENT_CALL_RUNNING`).',
} as const;

/** The rule for repeats of a route's request. */
export interface IdempotentOptions {
  /** True if a successful answer holds a secret: the answer is not stored, and a repeat gets an error. */
  secretAnswer: boolean;
}

/**
 * Returns middleware that answers a repeated POST like the first POST. Without the header there are no costs. With the
 * header, a first call costs two more Redis requests, a repeated call costs one, and each commit costs two more SQL
 * statements. The middleware must come after the gate, because the caller is a part of the key in Redis: two callers
 * never share a key.
 */
export function idempotent({ secretAnswer }: IdempotentOptions): MiddlewareHandler<AppEnv> {
  return async function idempotent(c, next) {
    const presented = c.req.header('idempotency-key');
    if (presented === undefined) return next();
    if (!KEY.test(presented)) {
      throw invalidField('idempotency-key', 'must be 1 to 255 visible ASCII characters');
    }
    const { scope, tenant } = c.var;
    const body = new Uint8Array(await c.req.arrayBuffer());
    const request = [c.req.method, c.req.path, new URL(c.req.url).search, body];
    const call: IdempotentCall = {
      caller: nameOf(c.var.caller),
      key: createHash('sha256').update(presented).digest('base64url'),
      fingerprints: await fingerprintsOf(request, tenant.tenant, scope.authSealer),
      sealer: scope.authSealer,
      begun: 0,
      repeated: false,
    };
    const services = { redis: scope.redis, system: scope.system, tenant: tenant.tenant };
    const options = {
      id: ['call', call.caller, call.key],
      request,
      sealer: scope.authSealer,
      isFinal: ({ status }: Answer) => isFinal(status) && !(c.error instanceof IdempotentCallError),
    };
    const outcome = await once(services, options, async () => {
      tenant.call = call;
      await next();
      tenant.call = null;
      return answerOf(c.res, secretAnswer);
    });
    switch (outcome.kind) {
      case 'done': {
        if (!call.repeated || !c.res.ok) return;
        if (secretAnswer) {
          // Without this line, Hono would merge the headers of the dropped answer into the refusal.
          c.res = undefined;
          throw secretShown(outcome.result);
        }
        c.header('idempotency-replayed', 'true');
        return;
      }
      case 'repeated':
        if (secretAnswer && outcome.result.status < 300) throw secretShown(outcome.result);
        c.res = responseOf(outcome.result);
        return;
      case 'unreadable':
        throw new IdempotentCallError('CALL_UNREADABLE', 'The remembered answer cannot be opened');
      case 'running':
        throw new ProblemError(409, 'IDEMPOTENT_CALL_RUNNING', 'The first request with this key is still running', {
          headers: retryAfter(outcome.retryAfterMs),
        });
      case 'mismatch':
        throw new IdempotentCallError('CALL_MISMATCH', 'This key was used for another request');
    }
  };
}

/**
 * Returns the caller's name in the key. Each API key is a caller of its own; a user's browsers and programs are one
 * caller.
 */
function nameOf({ kind, id }: Caller): string {
  return `${kind === 'api-key' ? 'key' : 'user'}:${id}`;
}

/**
 * Returns whether every repeated request would get the same answer: a success, or a refusal that only the request
 * itself causes. Other answers may change: a conflict may end, and a right may be granted. After a fault the answer is
 * not stored; the rows of the commits then record the writes.
 */
function isFinal(status: number): boolean {
  return (status >= 200 && status < 300) || status === 400 || status === 422;
}

async function answerOf(response: Response, secretAnswer: boolean): Promise<Answer> {
  const withheld = secretAnswer && response.ok;
  const headers = KEPT.flatMap((name): [string, string][] => {
    const value = response.headers.get(name);
    return value === null ? [] : [[name, value]];
  });
  return { status: response.status, headers, body: withheld ? '' : await response.clone().text() };
}

function responseOf({ status, headers, body }: Answer): Response {
  const bodyless = status === 204 || status === 304;
  return new Response(bodyless ? null : body, { status, headers: [...headers, ['idempotency-replayed', 'true']] });
}

/**
 * Returns the problem for a repeated call whose secret was already shown. Its `location` is the address of the new
 * resource.
 */
function secretShown({ headers }: Answer): ProblemError {
  const location = headers.find(([name]) => name === 'location')?.[1];
  const detail = 'The first request with this key succeeded, but its answer contains a secret that is shown only once';
  return new ProblemError(409, 'ANSWER_NOT_REPEATED', detail, {
    headers: { 'idempotency-replayed': 'true' },
    members: location === undefined ? {} : { location },
  });
}
