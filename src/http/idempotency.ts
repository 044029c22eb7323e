/**
 * `Idempotency-Key` on POST (draft-ietf-httpapi-idempotency-key-header): the same request, sent again because its
 * answer was lost, gets the first answer again. Another request under the same key is refused, and one that comes while
 * the first still runs is told to come back.
 */
import type { MiddlewareHandler } from 'hono';
import { once } from '../locks/index.ts';
import { ProblemError } from './problem.ts';
import type { AppEnv } from './scope.ts';

/** What is remembered of an answer. */
interface Answer {
  status: number;
  headers: [string, string][];
  body: string;
}

/** Headers of an answer that belong to it whenever it is given. */
const KEPT = ['content-type', 'location', 'etag'];
/** Printable ASCII, as the draft's structured string without its quotes, or with them. */
const KEY = /^[\x21-\x7e]{1,255}$/;

/** What {@link idempotent} looks at, for the OpenAPI document. */
export const IDEMPOTENCY_KEY = {
  name: 'Idempotency-Key',
  in: 'header',
  description:
    'Makes it safe to send this again when an answer was lost: for 24 hours the same request with the same key gets ' +
    'the first answer, with `Idempotency-Replayed: true`. Another request with the key is refused (422), and so is one ' +
    'that comes while the first is running (409).',
  schema: { type: 'string', pattern: KEY.source },
} as const;

/** A fault is not an answer: what failed on our side may be tried again under the same key. */
class Faulted extends Error {}

/**
 * Answers a repeated POST as the first was answered. Costs nothing without the header; with it two Redis requests more,
 * one for a repeated call. Put it behind the gate: keys of different callers never meet.
 */
export function idempotent(): MiddlewareHandler<AppEnv> {
  return async function idempotent(c, next) {
    const presented = c.req.header('idempotency-key');
    if (presented === undefined) return next();
    if (!KEY.test(presented)) {
      const fields = [{ field: 'idempotency-key', message: 'must be 1 to 255 visible ASCII characters' }];
      throw new ProblemError(400, 'VALIDATION_FAILED', 'Check these fields: idempotency-key', { fields });
    }
    const scope = c.get('scope');
    const { tenant } = c.var.tenant;
    const call = {
      id: ['http', c.var.caller.id, presented],
      request: [c.req.method, c.req.path, new URL(c.req.url).search, await c.req.text()],
    };
    const outcome = await once({ redis: scope.redis, system: scope.system, tenant }, call, async () => {
      await next();
      if (c.res.status >= 500) throw new Faulted();
      const headers = KEPT.flatMap((name): [string, string][] => {
        const value = c.res.headers.get(name);
        return value === null ? [] : [[name, value]];
      });
      return { status: c.res.status, headers, body: await c.res.clone().text() } satisfies Answer;
    }).catch((error: unknown) => {
      // The answer to a fault is there already.
      if (error instanceof Faulted) return undefined;
      throw error;
    });
    switch (outcome?.kind) {
      case 'repeated': {
        const { status, headers, body } = outcome.result;
        const bodyless = status === 204 || status === 304;
        c.res = new Response(bodyless ? null : body, {
          status,
          headers: [...headers, ['idempotency-replayed', 'true']],
        });
        return;
      }
      case 'running':
        throw new ProblemError(409, 'IDEMPOTENT_CALL_RUNNING', 'The first call with this key is still running', {
          headers: { 'retry-after': String(Math.max(1, Math.ceil(outcome.retryAfterMs / 1000))) },
        });
      case 'mismatch':
        throw new ProblemError(422, 'IDEMPOTENCY_KEY_REUSED', 'This key was used for another request', {
          fields: [{ field: 'idempotency-key', message: 'was used with another method, path or body' }],
        });
    }
  };
}
