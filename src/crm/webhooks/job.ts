/**
 * Delivers events in the form of Standard Webhooks (https://www.standardwebhooks.com). Each delivery is a job of its
 * own, which the write of the event enqueues. All attempts of a delivery have the same id, so that receivers can
 * recognise repeats.
 */
import { z } from '@hono/zod-openapi';
import type { Transaction } from '../../platform/db/index.ts';
import {
  backoffMs,
  cancel,
  enqueueMany,
  fatal,
  type JobContext,
  type JobOutcome,
  job,
  retryLater,
  snooze,
} from '../../platform/jobs/index.ts';
import { VERSION } from '../../platform/version.ts';
import { refusalOf } from './address.ts';
import { type Attempt, logAttempt } from './delivery-log.ts';
import { type SecretColumns, signaturesOf } from './secret.ts';
import { type Reply, send } from './send.ts';
import { hasFailedTooLong, switchOff } from './switch-off.ts';

const eventSchema = z.object({
  type: z.string(),
  timestamp: z.string(),
  data: z.record(z.string(), z.unknown()),
});

/** Returns the event of a delivery from its body. */
export function eventOf(body: string): z.output<typeof eventSchema> {
  return eventSchema.parse(JSON.parse(body));
}

/** The attempts after the first attempt, and their waits: 10 s, 40 s, … 6 h. They take about a day in total. */
const RETRIES = 9;
const WAITS = { first: 10_000, factor: 4, max: 6 * 3_600_000 } as const;
/** How long a delivery waits for an open circuit without using up attempts, in ms: a day. */
const LONGEST_WAIT_MS = 86_400_000;
const GONE = 410;

export const deliverWebhook = job('webhooks.deliver', {
  // `deliveryId` is the delivery that a replay sends again. Default: the job's own id.
  input: z.object({ webhookId: z.string(), event: eventSchema, deliveryId: z.string().optional() }),
  retries: RETRIES,
  backoff: WAITS,
  async run({ webhookId, event, deliveryId }, context) {
    const { tenant, scope } = context;
    const where = { tenantId_id: { tenantId: tenant.tenant, id: webhookId } };
    const webhook = await (await tenant.db()).webhook.findUnique({ where });
    if (!webhook) return cancel('WEBHOOK_GONE');
    const id = deliveryId ?? context.id;
    const body = JSON.stringify(event);
    const at = scope.system.now();
    const blank = { id, webhookId, body, at, sent: false, responseStatus: null, durationMs: null, nextAt: null };
    if (webhook.disabledAt) {
      await log(context, { ...blank, status: 'cancelled', reason: 'WEBHOOK_DISABLED' });
      return cancel('WEBHOOK_DISABLED');
    }
    const headers = await headersOf(context, webhook, id, body);
    if (typeof headers === 'string') {
      await log(context, { ...blank, status: 'failed', reason: headers });
      return fatal(headers);
    }
    const reply = await send(context, webhook, headers, body);
    const decision = decide(reply, context, at - Date.parse(event.timestamp));
    await log(context, { ...blank, ...reply, ...decision });
    if (reply.responseStatus === GONE) await switchOff(tenant, webhookId, 'gone');
    else if (reply.sent && decision.status !== 'delivered' && hasFailedTooLong(webhook.failingSince, at)) {
      await switchOff(tenant, webhookId, 'failing');
    }
    return decision.outcome;
  },
});

/** Returns the headers of an attempt, or the reason why the webhook cannot be called. */
async function headersOf(
  { tenant: { tenant }, scope }: JobContext,
  webhook: SecretColumns & { url: string },
  id: string,
  body: string,
): Promise<Record<string, string> | string> {
  if (refusalOf(webhook.url, scope.environment.HOLDFAST_MODE === 'local') !== null) return 'WEBHOOK_ADDRESS';
  const now = scope.system.now();
  const timestamp = String(Math.floor(now / 1000));
  const signatures = await signaturesOf(scope.sealer, tenant, webhook, { id, timestamp, body }, now);
  if (signatures === null) return 'WEBHOOK_SECRET';
  return {
    'content-type': 'application/json',
    'user-agent': `Holdfast/${VERSION}`,
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signatures,
  };
}

/** The consequences of a reply: the row in the log, and the outcome of the run. */
interface Decision extends Pick<Attempt, 'status' | 'reason' | 'nextAt'> {
  outcome: JobOutcome | { status: number };
}

/** Decides about a delivery after a reply. `ageMs` is the age of the event. */
function decide(
  { code, responseStatus, retryAfterMs }: Reply,
  { attempt, scope }: JobContext,
  ageMs: number,
): Decision {
  const { system } = scope;
  const end = { nextAt: null };
  if (responseStatus !== null && responseStatus >= 200 && responseStatus < 300) {
    return { ...end, status: 'delivered', reason: null, outcome: { status: responseStatus } };
  }
  if (responseStatus === GONE) {
    return { ...end, status: 'cancelled', reason: 'HTTP_410', outcome: cancel('WEBHOOK_ANSWERED_GONE') };
  }
  if (code === 'OUTBOUND_ADDRESS') {
    return { ...end, status: 'failed', reason: 'WEBHOOK_ADDRESS', outcome: fatal('WEBHOOK_ADDRESS') };
  }
  // Nothing was sent, so no attempt is used up.
  if (code === 'OUTBOUND_OPEN' && ageMs < LONGEST_WAIT_MS) {
    const waitMs = retryAfterMs ?? 30_000;
    return { status: 'waiting', reason: code, nextAt: system.now() + waitMs, outcome: snooze(waitMs) };
  }
  const reason = responseStatus === null ? (code ?? 'FAILED') : `HTTP_${responseStatus}`;
  const waitMs = retryAfterMs ?? backoffMs(WAITS, attempt) * (1 + system.random() / 10);
  const isLast = attempt > RETRIES;
  return {
    status: isLast ? 'failed' : 'waiting',
    reason,
    nextAt: isLast ? null : system.now() + waitMs,
    outcome: retryLater(waitMs, reason),
  };
}

/** Writes the log. A fault of the database does not fail the delivery, because the receiver would get it again. */
async function log({ tenant, log }: JobContext, attempt: Attempt): Promise<void> {
  try {
    await logAttempt(tenant, attempt);
  } catch (error) {
    log.error('webhooks.attempt_not_logged', { webhookId: attempt.webhookId, error });
  }
}

/** Enqueues a delivery of the event for every matching webhook. `webhooks` are the tenant's webhooks that are on. */
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
