/** Converts a row to the API's activity. */
import type { Activity } from './schema.ts';

/** The columns of an activity and of its actor that the API returns. */
export interface ActivityRow extends Omit<Activity, 'data' | 'occurredAt'> {
  data: unknown;
  occurredAt: Date;
}

/** Converts a row to the form that is returned and cached. */
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

/** Returns whether the data is an object. The column can hold any JSON, but the CRM writes only objects. */
function isObject(data: unknown): data is Record<string, unknown> {
  return typeof data === 'object' && data !== null && !Array.isArray(data);
}
