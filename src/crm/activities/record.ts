/** Records an activity and an event for every write of the CRM, in the write's own transaction. */
import type { Transaction } from '../../platform/db/index.ts';
import type { Activity } from '../../platform/rest/index.ts';
import { announceChange } from '../feeds.ts';
import { activityTags, each } from '../tags.ts';
import { enqueueDeliveries } from '../webhooks/job.ts';
import { appendWrite, type Kind } from '../write-events.ts';

/** An activity to record. */
export interface NewActivity extends Activity<Kind> {
  /** The acting user. Default: the user who writes. A job passes the user who started the job. */
  actorId?: string | null;
}

/** Appends an activity and an event, enqueues its webhooks, announces the change live, and invalidates the cached activities. */
export async function recordActivity(
  tx: Transaction,
  { actorId = tx.actorId, ...activity }: NewActivity,
): Promise<void> {
  const { verb, entityType, entityId, data } = activity;
  const { tenant, system } = tx;
  const occurredAt = new Date(system.now());
  const id = system.rowId('activity');
  // One statement adds the activity and finds the webhooks, so that the search costs no extra query.
  const webhooks = await tx.db.$queryRaw<{ id: string; events: string[] }[]>`
    WITH activity AS (
      INSERT INTO activities (tenant_id, id, actor_id, verb, entity_type, entity_id, data, occurred_at, created_at)
      VALUES (${tenant}, ${id}, ${actorId}, ${verb}, ${entityType}, ${entityId}, ${JSON.stringify(data)}::jsonb,
        ${occurredAt}, ${occurredAt}))
    SELECT id, events FROM webhooks WHERE tenant_id = ${tenant} AND disabled_at IS NULL`;
  const about = { id: entityId, actorId, ...data };
  await enqueueDeliveries(tx, webhooks, {
    type: `${entityType}.${verb}`,
    timestamp: occurredAt.toISOString(),
    data: about,
  });
  await appendWrite(tx, { ...activity, actorId });
  announceChange(tx, activity, actorId);
  tx.invalidate(activityTags.all, ...each(activityTags.ofActor, actorId));
}
