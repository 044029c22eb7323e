/**
 * Finds the rows that refer to a row, and locks them until the transaction ends. Deleting a row changes the rows that
 * refer to it (`ON DELETE SET NULL`, `CASCADE`), so their tags are invalidated too. Without the lock another process
 * could move one of them in between, and the page it moved to would stay stale. Lock the row itself first (`lockRow`):
 * that keeps new references away.
 */
import { lockReferringRows, type TransactionClient } from '../platform/db/index.ts';
import type { TaskReferences } from './tags.ts';

const ofContact = { id: true, companyId: true, ownerId: true } as const;
const ofDeal = { id: true, stage: true, companyId: true, contactId: true, ownerId: true } as const;
const ofTask = { id: true, status: true, assigneeId: true, projectId: true, dealId: true } as const;

/** The contacts of a company. */
export async function lockContactsOfCompany(db: TransactionClient, tenantId: string, companyId: string) {
  await lockReferringRows(db, 'contacts', 'company_id', tenantId, companyId);
  return db.contact.findMany({ where: { tenantId, companyId }, select: ofContact });
}

/** The deals with a contact. */
export async function lockDealsOfContact(db: TransactionClient, tenantId: string, contactId: string) {
  await lockReferringRows(db, 'deals', 'contact_id', tenantId, contactId);
  return db.deal.findMany({ where: { tenantId, contactId }, select: ofDeal });
}

/** The projects for a company. Changes of a project's team lock the project, so the members cannot change either. */
export async function lockProjectsOfCompany(db: TransactionClient, tenantId: string, companyId: string) {
  await lockReferringRows(db, 'projects', 'company_id', tenantId, companyId);
  const members = { select: { userId: true } } as const;
  const select = { id: true, status: true, companyId: true, ownerId: true, members } as const;
  return db.project.findMany({ where: { tenantId, companyId }, select });
}

/** The tasks about a deal. */
export async function lockTasksOfDeal(db: TransactionClient, tenantId: string, dealId: string) {
  await lockReferringRows(db, 'tasks', 'deal_id', tenantId, dealId);
  return db.task.findMany({ where: { tenantId, dealId }, select: ofTask });
}

/** The tasks in a project. */
export async function lockTasksOfProject(db: TransactionClient, tenantId: string, projectId: string) {
  await lockReferringRows(db, 'tasks', 'project_id', tenantId, projectId);
  return db.task.findMany({ where: { tenantId, projectId }, select: ofTask });
}

/**
 * The companies that tasks belong to through their project or deal. Any number of such lookups can share the lock. The
 * lock only keeps those rows from moving to another company (every write to them takes `FOR UPDATE`) until this write
 * has invalidated the right one.
 */
export async function companiesOfTasks(
  db: TransactionClient,
  tenant: string,
  tasks: readonly TaskReferences[],
): Promise<string[]> {
  const dealIds = distinct(tasks.map(({ dealId }) => dealId));
  const projectIds = distinct(tasks.map(({ projectId }) => projectId));
  const found: { companyId: string | null }[] = [];
  if (dealIds.length > 0) {
    const deals = await db.$queryRaw<typeof found>`
      SELECT company_id AS "companyId" FROM deals
      WHERE tenant_id = ${tenant} AND id = ANY(${dealIds}) ORDER BY id FOR KEY SHARE`;
    found.push(...deals);
  }
  if (projectIds.length > 0) {
    const projects = await db.$queryRaw<typeof found>`
      SELECT company_id AS "companyId" FROM projects
      WHERE tenant_id = ${tenant} AND id = ANY(${projectIds}) ORDER BY id FOR KEY SHARE`;
    found.push(...projects);
  }
  return distinct(found.map(({ companyId }) => companyId));
}

function distinct(ids: readonly (string | null)[]): string[] {
  return [...new Set(ids.filter((id) => id !== null))];
}
