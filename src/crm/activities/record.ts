/**
 * Adds to the activity feed: every write of the CRM records an activity in its own transaction. A cached value that
 * shows a row may also show the row's activities. So `record` takes the row's tags, and no write can forget them.
 */
import type { Transaction } from '../../platform/db/index.ts';
import type { Scope, TenantScope } from '../../platform/http/index.ts';
import type { Tag } from '../../platform/redis/index.ts';
import { activityTags, each } from '../tags.ts';
import { enqueueDeliveries } from '../webhooks/job.ts';

/** An activity to record. */
export interface NewActivity {
  /** In the past tense: `created`, `won`. */
  verb: string;
  entityType: 'user' | 'company' | 'contact' | 'deal' | 'project' | 'task';
  entityId: string;
  /** The details that the feed still shows when the row is deleted. */
  data: Record<string, string | string[] | null>;
  /** All tags of the row, of its old and its new state. */
  tags: readonly Tag[];
}

/** Appends an activity and invalidates the cached values of its row and of the feed. */
export async function record(
  tx: Transaction,
  { tenant, actorId }: TenantScope,
  { system }: Scope,
  { verb, entityType, entityId, data, tags }: NewActivity,
): Promise<void> {
  const occurredAt = new Date(system.now());
  const id = system.rowId('activity');
  // One statement for both, so that finding the webhooks costs no extra query.
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
  tx.invalidate(...tags, activityTags.all, ...each(activityTags.ofActor, actorId));
}
