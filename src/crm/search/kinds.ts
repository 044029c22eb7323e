/** The kinds of rows that can be searched. After a change, a new migration must create the triggers again. */
import type { SearchKind } from '../../platform/search/index.ts';

export const contactKind: SearchKind = {
  kind: 'contact',
  table: 'contacts',
  access: 'crm:read',
  title: 'name',
  addresses: ['email'],
  phones: ['phone'],
  details: ['job_title'],
  json: ['custom'],
  labels: { ownerId: 'owner_id', companyId: 'company_id' },
};

export const companyKind: SearchKind = {
  kind: 'company',
  table: 'companies',
  access: 'crm:read',
  title: 'name',
  addresses: ['domain'],
  details: ['industry', 'city'],
  json: ['custom'],
  labels: { ownerId: 'owner_id', industry: 'industry' },
};

export const dealKind: SearchKind = {
  kind: 'deal',
  table: 'deals',
  access: 'crm:read',
  title: 'title',
  json: ['custom'],
  labels: { ownerId: 'owner_id', companyId: 'company_id', stage: 'stage' },
};

export const projectKind: SearchKind = {
  kind: 'project',
  table: 'projects',
  access: 'crm:read',
  title: 'name',
  details: ['description'],
  labels: { ownerId: 'owner_id', companyId: 'company_id', status: 'status' },
};

export const taskKind: SearchKind = {
  kind: 'task',
  table: 'tasks',
  access: 'crm:read',
  title: 'title',
  details: ['description'],
  labels: { ownerId: 'assignee_id', projectId: 'project_id', dealId: 'deal_id', status: 'status' },
};

/** Every kind, in the order in which equal hits are shown. */
export const searchKinds: readonly SearchKind[] = [contactKind, companyKind, dealKind, projectKind, taskKind];
