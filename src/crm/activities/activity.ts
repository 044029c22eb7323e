/** From a row to what is answered. */
import type { Activity } from './schema.ts';

/** The columns of an activity that are answered, and its actor's. */
export interface ActivityRow extends Omit<Activity, 'data' | 'occurredAt'> {
  data: unknown;
  occurredAt: Date;
}

/** A row as it is answered and cached. */
export function toActivity(row: ActivityRow): Activity {
  return {
    id: row.id,
    verb: row.verb,
    entityType: row.entityType,
    entityId: row.entityId,
    data: isObject(row.data) ? row.data : {},
    actor: row.actor && { id: row.actor.id, name: row.actor.name },
    occurredAt: row.occurredAt.toISOString(),
  };
}

/** The column is any JSON; what the CRM writes into it is objects. */
function isObject(data: unknown): data is Record<string, unknown> {
  return typeof data === 'object' && data !== null && !Array.isArray(data);
}
