/**
 * Delivers events in the form of Standard Webhooks (https://www.standardwebhooks.com). Each delivery is a job of its
 * own, which the write of the event enqueues. All attempts of a delivery have the same id, so that receivers can
 * recognise repeats.
 */
import { z } from '@hono/zod-openapi';
import type { Transaction } from '../../platform/db/index.ts';
import { readRetryAfter } from '../../platform/duration.ts';
import { cancel, enqueueMany, fatal, type JobOutcome, job, retryLater, snooze } from '../../platform/jobs/index.ts';
import { OutboundError, signatureOf } from '../../platform/outbound/index.ts';
import type { Sealer } from '../../platform/redis/index.ts';
import { refusalOf } from './address.ts';

const eventSchema = z.object({
  type: z.string(),
  timestamp: z.string(),
  data: z.record(z.string(), z.unknown()),
});

/** Returns the context to which the seal of a webhook's secret is bound. */
export const secretContext = (tenant: string, id: string) => ['webhook', tenant, id];

export const deliverWebhook = job('webhooks.deliver', {
  input: z.object({ webhookId: z.string(), event: eventSchema }),
  // The delays are 10 s, 40 s, … 6 h: about a day in total.
  retries: 9,
  backoff: { factor: 4, max: '6h' },
  async run({ webhookId, event }, { id, tenant, scope, signal }) {
    const where = { tenantId_id: { tenantId: tenant.tenant, id: webhookId } };
    const webhook = await (await tenant.db()).webhook.findUnique({ where });
    if (!webhook) return cancel('WEBHOOK_GONE');
    if (refusalOf(webhook.url, scope.environment.HOLDFAST_MODE === 'local') !== null) return fatal('WEBHOOK_ADDRESS');
    const secret = await openSecret(scope.sealer, tenant.tenant, webhook);
    if (secret === null) return fatal('WEBHOOK_SECRET');
    const body = JSON.stringify(event);
    const timestamp = String(Math.floor(scope.system.now() / 1000));
    const headers = {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      'webhook-signature': signatureOf(secret, id, timestamp, body),
    };
    const circuit = scope.circuit({ name: `webhook:${webhookId}` });
    try {
      const { status, retryAfterMs } = await circuit.call(async (limit) => {
        const both = AbortSignal.any([limit, signal]);
        // A redirect is not followed: its target could be an address that `refusalOf` refuses.
        const init = { method: 'POST', headers, body, signal: both, redirect: 'manual' } as const;
        return readAnswer(await scope.publicFetch(webhook.url, init), scope.system.now());
      });
      if (status >= 200 && status < 300) return { status };
      if (status === GONE) return cancel('WEBHOOK_ANSWERED_GONE');
      return retryLater(retryAfterMs, `HTTP_${status}`);
    } catch (error) {
      if (error instanceof OutboundError) return afterError(error, scope.system.now() - Date.parse(event.timestamp));
      throw error;
    }
  },
});

const GONE = 410;
/** How long a delivery waits for an open circuit without using up attempts, in ms: a day. */
const LONGEST_WAIT_MS = 86_400_000;

/**
 * Returns the parts of an answer that decide about the delivery.
 * @throws {OutboundError} if the receiver failed. Only these answers count for the circuit.
 */
async function readAnswer(response: Response, now: number) {
  const { status } = response;
  const retryAfterMs = readRetryAfter(response.headers.get('retry-after'), now);
  await response.body?.cancel();
  if (status >= 500) throw new OutboundError('OUTBOUND_FAILED', 'The receiver failed', { status, retryAfterMs });
  return { status, retryAfterMs };
}

/** Decides about a delivery that has no answer, or that the receiver failed to take. `ageMs` is the age of the event. */
function afterError({ code, status, retryAfterMs }: OutboundError, ageMs: number): JobOutcome {
  if (code === 'OUTBOUND_ADDRESS') return fatal('WEBHOOK_ADDRESS');
  // Nothing was sent, so no attempt is used up.
  if (code === 'OUTBOUND_OPEN' && ageMs < LONGEST_WAIT_MS) return snooze(retryAfterMs ?? '30s');
  return retryLater(retryAfterMs, status === undefined ? code : `HTTP_${status}`);
}

/** Enqueues a delivery of the event for every matching webhook. `webhooks` are the tenant's webhooks. */
export async function enqueueDeliveries(
  tx: Transaction,
  webhooks: readonly { id: string; events: readonly string[] }[],
  event: z.output<typeof eventSchema>,
): Promise<void> {
  const wanted = webhooks.filter(({ events }) => events.includes('*') || events.includes(event.type));
  if (wanted.length === 0) return;
  await enqueueMany(
    tx,
    deliverWebhook,
    wanted.map(({ id }) => ({ webhookId: id, event })),
  );
}

function openSecret(
  sealer: Sealer | null,
  tenant: string,
  { id, sealedSecret }: { id: string; sealedSecret: string },
): Promise<string | null> {
  return sealer ? sealer.open(sealedSecret, secretContext(tenant, id)) : Promise.resolve(null);
}
