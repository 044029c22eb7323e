/**
 * Finds the latest activities of a user, or about a row and the rows that belong to it. Each function sends one
 * statement, which finds its few rows through an index, even in a long feed.
 */
import type { PrismaClient } from '../../platform/db/index.ts';
import { toActivity } from './activity.ts';
import type { Activity } from './schema.ts';

/** The number of activities that the page of another row shows. */
const SHOWN = 10;

/** Returns the latest activities about a company, its contacts, its deals and its projects. */
export function activitiesOfCompany(client: PrismaClient, tenant: string, companyId: string): Promise<Activity[]> {
  return latest(
    client,
    `JOIN (
       SELECT 'company' AS type, $2::text AS id
       UNION ALL SELECT 'contact', id FROM contacts WHERE tenant_id = $1 AND company_id = $2
       UNION ALL SELECT 'deal', id FROM deals WHERE tenant_id = $1 AND company_id = $2
       UNION ALL SELECT 'project', id FROM projects WHERE tenant_id = $1 AND company_id = $2
     ) AS about ON about.type = a.entity_type AND about.id = a.entity_id
     WHERE a.tenant_id = $1`,
    tenant,
    companyId,
  );
}

/** Returns the latest activities about a contact and the contact's deals. */
export function activitiesOfContact(client: PrismaClient, tenant: string, contactId: string): Promise<Activity[]> {
  return latest(
    client,
    `JOIN (
       SELECT 'contact' AS type, $2::text AS id
       UNION ALL SELECT 'deal', id FROM deals WHERE tenant_id = $1 AND contact_id = $2
     ) AS about ON about.type = a.entity_type AND about.id = a.entity_id
     WHERE a.tenant_id = $1`,
    tenant,
    contactId,
  );
}

/** Returns the latest activities of a user. */
export function activitiesOfActor(client: PrismaClient, tenant: string, userId: string): Promise<Activity[]> {
  return latest(client, 'WHERE a.tenant_id = $1 AND a.actor_id = $2', tenant, userId);
}

interface FoundActivity {
  id: string;
  verb: string;
  entityType: string;
  entityId: string;
  data: unknown;
  occurredAt: Date;
  actorId: string | null;
  actorName: string | null;
}

/**
 * Finds the latest activities. `which` is a part of the statement, so it must be a constant of this file, never input
 * of a caller. Values are parameters.
 */
async function latest(client: PrismaClient, which: string, tenant: string, id: string): Promise<Activity[]> {
  const rows = await client.$queryRawUnsafe<FoundActivity[]>(
    `SELECT a.id, a.verb, a.entity_type AS "entityType", a.entity_id AS "entityId", a.data,
       a.occurred_at AS "occurredAt", u.id AS "actorId", u.name AS "actorName"
     FROM activities a
     LEFT JOIN users u ON u.tenant_id = a.tenant_id AND u.id = a.actor_id
     ${which}
     ORDER BY a.occurred_at DESC, a.id DESC LIMIT ${SHOWN}`,
    tenant,
    id,
  );
  return rows.map(({ actorId, actorName, ...row }) =>
    toActivity({ ...row, actor: actorId === null ? null : { id: actorId, name: actorName ?? '' } }),
  );
}
