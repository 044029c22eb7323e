/** Checks that a request is a delivery of QStash, before any part of the request is trusted. */
import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { JobScope } from '../scope.ts';
import { deliveryOrigin } from './publisher.ts';
import type { Refusal, Refusals } from './refusals.ts';
import { verifyDelivery } from './signature.ts';

/** The variables of Hono's context that deliveries need. */
export interface JobEnv {
  Variables: { scope: JobScope };
}

/** A delivery that QStash has signed. */
export interface Delivered {
  /** The body, byte for byte. */
  body: Uint8Array;
  /** Identifies the delivery: a replay has the same nonce. The nonce is empty if the signature has no id. */
  nonce: string;
}

/**
 * Verifies a delivery, and returns its body and nonce.
 * @throws {HTTPException} 401 if QStash did not send this body to this URL.
 */
export async function readDelivery(c: Context<JobEnv>, refusals: Refusals): Promise<Delivered> {
  const scope = c.get('scope');
  const { QSTASH_CURRENT_SIGNING_KEY, QSTASH_NEXT_SIGNING_KEY } = scope.environment;
  const body = new Uint8Array(await c.req.arrayBuffer());
  const verdict = verifyDelivery({
    signature: c.req.header('upstash-signature'),
    body,
    url: deliveryOrigin(scope.environment) + new URL(c.req.url).pathname,
    keys: [QSTASH_CURRENT_SIGNING_KEY, QSTASH_NEXT_SIGNING_KEY],
    now: scope.system.now(),
  });
  if (typeof verdict !== 'string') return { body, nonce: verdict.nonce };
  // QStash retries after a 401. So a delivery that is signed with a newer key succeeds as soon as this app has the key.
  throw refused(c, refusals, verdict);
}

/** Counts and logs a refusal, and returns the error that answers the request. */
export function refused(c: Context<JobEnv>, refusals: Refusals, refusal: Refusal): HTTPException {
  const scope = c.get('scope');
  scope.log.warn('jobs.not_from_qstash', { refusal });
  refusals.note(scope, refusal);
  const why = refusal === 'replay' ? 'was received before' : 'is not signed by QStash for this URL and body';
  return new HTTPException(401, { message: `The delivery ${why}` });
}
