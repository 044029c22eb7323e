/** `POST /jobs/run/:name`: the route for QStash's deliveries, not for API callers. OpenAPI omits this route. */
import { Hono } from 'hono';
import { retryAfter } from '../duration.ts';
import type { Answer } from './answer.ts';
import { execute } from './execute.ts';
import { type Message, messageSchema } from './message.ts';
import { type JobEnv, readDelivery, refused } from './qstash/delivery.ts';
import { deliveryPath } from './qstash/publisher.ts';
import type { Refusals } from './qstash/refusals.ts';
import { type JobRegistry, jobServices } from './registry.ts';

/** Creates the routes of an app's jobs. `refusals` counts refused deliveries. */
export function jobRoutes(registry: JobRegistry, refusals: Refusals): Hono<JobEnv> {
  const router = new Hono<JobEnv>();
  router.post(deliveryPath(':name'), async (c) => {
    const scope = c.get('scope');
    const { body, nonce } = await readDelivery(c, refusals);
    const message = parseMessage(body);
    if (!message || message.name !== c.req.param('name')) {
      scope.log.error('jobs.malformed');
      return toResponse({ kind: 'refused', reason: 'MALFORMED_MESSAGE' });
    }
    const { name, id, tenant, generation } = message;
    const services = jobServices(scope);
    const log = services.log.with({ job: name, jobId: id, tenant, generation });
    const answer = await execute({ scope, services: { ...services, log }, registry, message, nonce });
    if (answer.kind === 'replay') throw refused(c, refusals, 'replay');
    return toResponse(answer);
  });
  return router;
}

function parseMessage(body: Uint8Array): Message | undefined {
  try {
    return messageSchema.parse(JSON.parse(new TextDecoder().decode(body)));
  } catch {
    return undefined;
  }
}

/**
 * Converts an answer to a response for QStash. 2xx: the message is done. `Retry-After`: QStash retries after this time.
 * 489: QStash puts the message into its own dead-letter queue.
 */
function toResponse(answer: Exclude<Answer, { kind: 'replay' }>): Response {
  switch (answer.kind) {
    case 'settled':
      return Response.json({ state: answer.state });
    case 'busy':
      return Response.json({ state: 'busy' }, { status: 409, headers: retryAfter(answer.waitMs) });
    case 'failed':
      return Response.json(
        { state: 'failed', reason: answer.reason },
        { status: 500, headers: retryAfter(answer.waitMs) },
      );
    case 'unavailable':
      return Response.json({ reason: answer.reason }, { status: 503, headers: retryAfter(answer.waitMs) });
    case 'refused':
      return Response.json(
        { state: 'dead', reason: answer.reason },
        { status: 489, headers: { 'upstash-nonretryable-error': 'true' } },
      );
  }
}
