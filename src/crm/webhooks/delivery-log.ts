/**
 * The log of deliveries: one row for each delivery, from its first attempt on. The attempt that writes the row also
 * notes since when the webhook fails.
 */
import type { TenantScope } from '../../platform/http/index.ts';
import { schedule } from '../../platform/jobs/index.ts';

/** How long the log keeps a delivery, in ms. */
export const KEPT_MS = 30 * 86_400_000;

/** An attempt at a delivery, or a decision about a delivery for which nothing was sent. */
export interface Attempt {
  /** The id of the delivery: its `webhook-id`. */
  id: string;
  webhookId: string;
  /** The event, as JSON. */
  body: string;
  status: 'waiting' | 'delivered' | 'failed' | 'cancelled';
  /** `false` if nothing was sent. Then the attempt is not counted, and its webhook counts as neither failing nor well. */
  sent: boolean;
  /** The status of the answer; `null` without an answer. */
  responseStatus: number | null;
  /** Why the attempt failed; `null` if it did not. */
  reason: string | null;
  durationMs: number | null;
  /** The time of the attempt, in ms since the epoch. */
  at: number;
  /** The time of the next attempt, in ms since the epoch; `null` after the last attempt. */
  nextAt: number | null;
}

/**
 * Writes an attempt to the log. Nothing is written if the webhook was deleted meanwhile. 1 statement.
 */
export async function logAttempt({ tenant, db }: Pick<TenantScope, 'tenant' | 'db'>, attempt: Attempt): Promise<void> {
  const { id, webhookId, body, status, sent, responseStatus, reason, durationMs } = attempt;
  const at = new Date(attempt.at);
  const nextAt = attempt.nextAt === null ? null : new Date(attempt.nextAt);
  const count = sent ? 1 : 0;
  const failed = status !== 'delivered';
  await (await db()).$executeRaw`
    WITH logged AS (
      INSERT INTO webhook_deliveries AS known (tenant_id, id, webhook_id, body, status, attempts, response_status,
        reason, duration_ms, created_at, last_attempt_at, next_attempt_at)
      SELECT tenant_id, ${id}::text, id, ${body}::text, ${status}::delivery_status, ${count}::int, ${responseStatus}::int,
        ${reason}::text, ${durationMs}::int, ${at}::timestamp, CASE WHEN ${sent}::boolean THEN ${at}::timestamp END, ${nextAt}::timestamp
      FROM webhooks WHERE tenant_id = ${tenant} AND id = ${webhookId}
      ON CONFLICT (tenant_id, id) DO UPDATE SET status = excluded.status, attempts = known.attempts + excluded.attempts,
        response_status = CASE WHEN ${sent}::boolean THEN excluded.response_status ELSE known.response_status END,
        reason = excluded.reason,
        duration_ms = CASE WHEN ${sent}::boolean THEN excluded.duration_ms ELSE known.duration_ms END,
        last_attempt_at = COALESCE(excluded.last_attempt_at, known.last_attempt_at),
        next_attempt_at = excluded.next_attempt_at)
    UPDATE webhooks SET failing_since = CASE WHEN ${failed}::boolean THEN ${at}::timestamp END
    WHERE tenant_id = ${tenant} AND id = ${webhookId} AND ${sent}::boolean AND (failing_since IS NULL) = ${failed}::boolean`;
}

/** The number of rows that one statement deletes. */
const AT_A_TIME = 5_000;

/** Deletes the deliveries of all tenants that are older than {@link KEPT_MS}, and returns their number. */
export const forgetDeliveries = schedule('webhooks.forget-deliveries', {
  cron: '50 3 * * *',
  timeout: '10m',
  async run({ scope, signal }) {
    const client = await scope.database.client();
    const before = new Date(scope.system.now() - KEPT_MS);
    for (let forgotten = 0; ; ) {
      signal.throwIfAborted();
      const count = await client.$executeRaw`
        DELETE FROM webhook_deliveries WHERE (tenant_id, id) IN (
          SELECT tenant_id, id FROM webhook_deliveries WHERE created_at < ${before}::timestamp LIMIT ${AT_A_TIME})`;
      forgotten += count;
      if (count < AT_A_TIME) return { forgotten };
    }
  },
});
