/** Records an activity for every write of the CRM, in the write's own transaction. */
import type { Transaction } from '../../platform/db/index.ts';
import type { Activity } from '../../platform/rest/index.ts';
import { activityTags, each } from '../tags.ts';
import { enqueueDeliveries } from '../webhooks/job.ts';

/** An activity to record. */
export interface NewActivity extends Activity<'user' | 'company' | 'contact' | 'deal' | 'project' | 'task'> {
  /** The acting user. Default: the user who writes. A job acts for the user who started the job. */
  actorId?: string | null;
}

/** Appends an activity, enqueues its webhooks, and invalidates the cached feed. */
export async function recordActivity(
  tx: Transaction,
  { verb, entityType, entityId, data, actorId = tx.actorId }: NewActivity,
): Promise<void> {
  const { tenant, system } = tx;
  const occurredAt = new Date(system.now());
  const id = system.rowId('activity');
  // One statement adds the activity and finds the webhooks, so that the search costs no extra query.
  const webhooks = await tx.db.$queryRaw<{ id: string; events: string[] }[]>`
    WITH activity AS (
      INSERT INTO activities (tenant_id, id, actor_id, verb, entity_type, entity_id, data, occurred_at, created_at)
      VALUES (${tenant}, ${id}, ${actorId}, ${verb}, ${entityType}, ${entityId}, ${JSON.stringify(data)}::jsonb,
        ${occurredAt}, ${occurredAt}))
    SELECT id, events FROM webhooks WHERE tenant_id = ${tenant}`;
  const about = { id: entityId, actorId, ...data };
  await enqueueDeliveries(tx, webhooks, {
    type: `${entityType}.${verb}`,
    timestamp: occurredAt.toISOString(),
    data: about,
  });
  tx.invalidate(activityTags.all, ...each(activityTags.ofActor, actorId));
}
