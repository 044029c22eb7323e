/**
 * The tags of the CRM's cached values, in one place, because reads and writes of the same data must use the same tags.
 * A read uses the narrowest tags that its arguments allow. A write invalidates `of(row)`, the tags of every set that
 * contains the row, both for the old row and for the new row. So a new query needs no change in any write.
 *
 * - `one`: this row changed.
 * - `all`: any row of the kind changed.
 * - `set`: a row was added or removed.
 * - `ofX`: a row that belongs to X changed.
 * - `names`: a row that other values show by name was renamed. A rename is rare, so it invalidates every value that
 *   shows a name of this kind. Otherwise each such value would need a tag for every name that it shows.
 */
import { userTags } from '../identity/index.ts';
import { notificationTags } from '../inbox/index.ts';
import { type Tag, tag } from '../platform/redis/index.ts';

export { notificationTags, userTags };

type Reference = string | null;

export const tenantTags = {
  /** The currency or the time zone of the tenant changed. */
  settings: tag('tenant', 'settings'),
};

/** The tags of the definitions of custom fields, for values that show rows of a kind. */
export const fieldTags = { of: (kind: 'contact' | 'company' | 'deal'): Tag => tag('fields', kind) };

export const companyTags = {
  one: (id: string): Tag => tag('company', id),
  all: tag('companies'),
  set: tag('companies', 'set'),
  names: tag('companies', 'names'),
  ofOwner: (userId: string): Tag => tag('user', userId, 'companies'),
  of: (row: { id: string; ownerId: Reference }): Tag[] => [
    companyTags.all,
    companyTags.one(row.id),
    ...each(companyTags.ofOwner, row.ownerId),
  ],
};

export const contactTags = {
  one: (id: string): Tag => tag('contact', id),
  all: tag('contacts'),
  set: tag('contacts', 'set'),
  ofCompany: (companyId: string): Tag => tag('company', companyId, 'contacts'),
  ofOwner: (userId: string): Tag => tag('user', userId, 'contacts'),
  of: (row: { id: string; companyId: Reference; ownerId: Reference }): Tag[] => [
    contactTags.all,
    contactTags.one(row.id),
    ...each(contactTags.ofCompany, row.companyId),
    ...each(contactTags.ofOwner, row.ownerId),
  ],
};

export const dealTags = {
  one: (id: string): Tag => tag('deal', id),
  all: tag('deals'),
  ofCompany: (companyId: string): Tag => tag('company', companyId, 'deals'),
  ofContact: (contactId: string): Tag => tag('contact', contactId, 'deals'),
  ofOwner: (userId: string): Tag => tag('user', userId, 'deals'),
  ofStage: (stage: string): Tag => tag('deals', 'stage', stage),
  of: (row: { id: string; stage: string; companyId: Reference; contactId: Reference; ownerId: Reference }): Tag[] => [
    dealTags.all,
    dealTags.one(row.id),
    dealTags.ofStage(row.stage),
    ...each(dealTags.ofCompany, row.companyId),
    ...each(dealTags.ofContact, row.contactId),
    ...each(dealTags.ofOwner, row.ownerId),
  ],
};

/** The tags of the stage histories of deals. */
export const historyTags = {
  of: (dealId: string): Tag => tag('deal', dealId, 'history'),
  /** The tag of all histories, which changes when the projection is rebuilt. */
  all: tag('deals', 'history'),
};

export const velocityTags = { all: tag('deals', 'velocity') };

export const projectTags = {
  one: (id: string): Tag => tag('project', id),
  all: tag('projects'),
  /** The tag of a project's members and their roles. */
  team: (id: string): Tag => tag('project', id, 'team'),
  ofCompany: (companyId: string): Tag => tag('company', companyId, 'projects'),
  /** The tag of the projects that a user owns or is a member of. */
  ofUser: (userId: string): Tag => tag('user', userId, 'projects'),
  ofStatus: (status: string): Tag => tag('projects', 'status', status),
  of: (
    row: { id: string; status: string; companyId: Reference; ownerId: Reference },
    members: readonly { userId: string }[],
  ): Tag[] => [
    projectTags.all,
    projectTags.one(row.id),
    projectTags.ofStatus(row.status),
    ...each(projectTags.ofCompany, row.companyId),
    ...each(projectTags.ofUser, row.ownerId, ...members.map(({ userId }) => userId)),
  ],
};

export const taskTags = {
  one: (id: string): Tag => tag('task', id),
  all: tag('tasks'),
  ofAssignee: (userId: string): Tag => tag('user', userId, 'tasks'),
  ofProject: (projectId: string): Tag => tag('project', projectId, 'tasks'),
  ofDeal: (dealId: string): Tag => tag('deal', dealId, 'tasks'),
  /** The tag of the tasks in a company's projects or about its deals. */
  ofCompany: (companyId: string): Tag => tag('company', companyId, 'tasks'),
  ofStatus: (status: string): Tag => tag('tasks', 'status', status),
  /** Returns the tags of a task. `companyIds` are the companies of the task's project and deal. */
  of: (row: { id: string; status: string } & TaskReferences, companyIds: readonly string[]): Tag[] => [
    taskTags.all,
    taskTags.one(row.id),
    taskTags.ofStatus(row.status),
    ...each(taskTags.ofAssignee, row.assigneeId),
    ...each(taskTags.ofProject, row.projectId),
    ...each(taskTags.ofDeal, row.dealId),
    ...companyIds.map(taskTags.ofCompany),
  ],
};

export const activityTags = {
  all: tag('activities'),
  /** The tag of the rows of the daily roll-up. */
  days: tag('activities', 'days'),
  /** The tag of a user's activities. */
  ofActor: (userId: string): Tag => tag('user', userId, 'activities'),
};

/** Returns the tag of a user's settings of a list. */
export const listTag = (userId: string, list: string): Tag => tag('user', userId, 'list', list);

/** The rows that a task refers to. */
export interface TaskReferences {
  assigneeId: Reference;
  projectId: Reference;
  dealId: Reference;
}

/** Returns the tags of the ids that are present. */
export function each(toTag: (id: string) => Tag, ...ids: (string | null | undefined)[]): Tag[] {
  return ids.filter((id) => typeof id === 'string').map(toTag);
}
