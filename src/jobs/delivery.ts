/** Checks that a request is a delivery of QStash, before anything of it is believed. */
import type { Context } from 'hono';
import { type AppEnv, ProblemError } from '../http/index.ts';
import { deliveryOrigin } from './publisher.ts';
import { refusalOf } from './signature.ts';

/**
 * The body of a delivery, byte for byte.
 * @throws {ProblemError} 401 if QStash did not send it, with this body, to this URL.
 */
export async function deliveredBody(c: Context<AppEnv>): Promise<Uint8Array> {
  const scope = c.get('scope');
  const { QSTASH_CURRENT_SIGNING_KEY, QSTASH_NEXT_SIGNING_KEY } = scope.environment;
  const body = new Uint8Array(await c.req.arrayBuffer());
  const refusal = await refusalOf({
    signature: c.req.header('upstash-signature'),
    body,
    url: deliveryOrigin(scope.environment) + new URL(c.req.url).pathname,
    keys: [QSTASH_CURRENT_SIGNING_KEY, QSTASH_NEXT_SIGNING_KEY],
    now: scope.system.now(),
  });
  if (refusal === null) return body;
  scope.log.warn('jobs.not_from_qstash', { refusal });
  // Genuine deliveries with a key we do not have yet are sent again, which is what is wanted during a rotation.
  throw new ProblemError(401, 'NOT_AUTHENTICATED', 'The delivery is not signed by QStash for this URL and body');
}
