/**
 * How the feed lives: every write of the CRM records what was done, in its own transaction. An activity is about a row,
 * and whoever shows that row may show its activities; so the row's tags are part of the record and cannot be forgotten.
 */
import type { Transaction } from '../../platform/db/index.ts';
import type { Scope, TenantScope } from '../../platform/http/index.ts';
import type { Tag } from '../../platform/redis/index.ts';
import { activityTags, each } from '../tags.ts';
import { enqueueDeliveries } from '../webhooks/job.ts';

/** Something that was done. */
export interface NewActivity {
  /** In the past tense: `created`, `won`. */
  verb: string;
  entityType: 'user' | 'company' | 'contact' | 'deal' | 'project' | 'task';
  entityId: string;
  /** What a reader of the feed needs to know of it when it is gone. */
  data: Record<string, string | string[] | null>;
  /** All tags of the row, as it was and as it is. */
  tags: readonly Tag[];
}

/** Appends an activity and ends what was cached of its row and of the feed. */
export async function record(
  tx: Transaction,
  { tenant, actorId }: TenantScope,
  { system }: Scope,
  { verb, entityType, entityId, data, tags }: NewActivity,
): Promise<void> {
  const occurredAt = new Date(system.now());
  const id = system.rowId('activity');
  // One statement for both: who is to be told costs a write no query of its own.
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
