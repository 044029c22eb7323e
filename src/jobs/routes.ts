/** `POST /jobs/run/:name`: where QStash delivers. Not for callers, so it stands in no OpenAPI document. */
import type { OpenAPIHono } from '@hono/zod-openapi';
import { type AppEnv, createRouter, ProblemError } from '../http/index.ts';
import { type Answer, execute } from './execute.ts';
import { type Message, messageSchema } from './message.ts';
import { deliveryPath } from './publisher.ts';
import { type JobRegistry, jobServices } from './registry.ts';
import { refusalOf } from './signature.ts';

/** The routes of an app's jobs. */
export function jobRoutes(registry: JobRegistry): OpenAPIHono<AppEnv> {
  const router = createRouter();
  router.post(deliveryPath(':name'), async (c) => {
    const scope = c.get('scope');
    const { APP_URL, QSTASH_CURRENT_SIGNING_KEY, QSTASH_NEXT_SIGNING_KEY } = scope.environment;
    const body = new Uint8Array(await c.req.arrayBuffer());
    const refusal = await refusalOf({
      signature: c.req.header('upstash-signature'),
      body,
      url: APP_URL + new URL(c.req.url).pathname,
      keys: [QSTASH_CURRENT_SIGNING_KEY, QSTASH_NEXT_SIGNING_KEY],
      now: scope.system.now(),
    });
    if (refusal) {
      scope.log.warn('jobs.not_from_qstash', { refusal });
      // Genuine deliveries with a key we do not have yet are sent again, which is what is wanted during a rotation.
      throw new ProblemError(401, 'NOT_AUTHENTICATED', 'The delivery is not signed by QStash for this URL and body');
    }
    const message = parseMessage(body);
    if (!message || message.name !== c.req.param('name')) {
      scope.log.error('jobs.malformed');
      return toResponse({ kind: 'refused', reason: 'MALFORMED_MESSAGE' });
    }
    const { name, id, tenant, generation } = message;
    const services = jobServices(scope);
    const log = services.log.with({ job: name, jobId: id, tenant, generation });
    return toResponse(await execute({ scope, services: { ...services, log }, registry, message }));
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

/** Each answer is what makes QStash do the right thing: 2xx ends a message, `Retry-After` puts it off, 489 buries it. */
function toResponse(answer: Answer): Response {
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

/** Whole seconds, never early. */
function retryAfter(waitMs: number): Record<string, string> {
  return { 'retry-after': String(Math.max(1, Math.ceil(waitMs / 1000))) };
}
