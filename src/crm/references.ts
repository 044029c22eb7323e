/**
 * Locks and returns the rows that refer to a row. The locks last until the transaction ends. When a row is deleted, the
 * rows that refer to it change or are deleted too (`ON DELETE SET NULL`, `CASCADE`), so the tags of these rows must be
 * invalidated. Without the lock, another process could change such a row after it was read, for example move a deal to
 * another stage. Then the tags of its new values would not be invalidated, and cached lists would stay stale. The
 * caller must first lock the row itself (`lockRow`), which prevents new references.
 */
import { lockReferringRows, type TransactionClient } from '../platform/db/index.ts';
import type { TaskReferences } from './tags.ts';

const ofContact = { id: true, companyId: true, ownerId: true } as const;
const ofDeal = { id: true, stage: true, companyId: true, contactId: true, ownerId: true } as const;
const ofTask = { id: true, status: true, assigneeId: true, projectId: true, dealId: true } as const;

/** Locks and returns the contacts of a company. */
export async function lockContactsOfCompany(db: TransactionClient, tenantId: string, companyId: string) {
  await lockReferringRows(db, 'contacts', 'company_id', tenantId, companyId);
  return db.contact.findMany({ where: { tenantId, companyId }, select: ofContact });
}

/** Locks and returns the deals with a contact. */
export async function lockDealsOfContact(db: TransactionClient, tenantId: string, contactId: string) {
  await lockReferringRows(db, 'deals', 'contact_id', tenantId, contactId);
  return db.deal.findMany({ where: { tenantId, contactId }, select: ofDeal });
}

/**
 * Locks and returns the projects for a company. Every change of a project's members locks the project, so the members
 * cannot change either.
 */
export async function lockProjectsOfCompany(db: TransactionClient, tenantId: string, companyId: string) {
  await lockReferringRows(db, 'projects', 'company_id', tenantId, companyId);
  const members = { select: { userId: true } } as const;
  const select = { id: true, status: true, companyId: true, ownerId: true, members } as const;
  return db.project.findMany({ where: { tenantId, companyId }, select });
}

/** Locks and returns the tasks about a deal. */
export async function lockTasksOfDeal(db: TransactionClient, tenantId: string, dealId: string) {
  await lockReferringRows(db, 'tasks', 'deal_id', tenantId, dealId);
  return db.task.findMany({ where: { tenantId, dealId }, select: ofTask });
}

/** Locks and returns the tasks in a project. */
export async function lockTasksOfProject(db: TransactionClient, tenantId: string, projectId: string) {
  await lockReferringRows(db, 'tasks', 'project_id', tenantId, projectId);
  return db.task.findMany({ where: { tenantId, projectId }, select: ofTask });
}

/**
 * Returns the companies that tasks belong to through their project or deal. Other transactions can read these projects
 * and deals and take the same lock (`FOR KEY SHARE`). But no other transaction can move a project or deal to another
 * company before this write has invalidated the right company, because such a move takes the lock `FOR UPDATE`.
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
