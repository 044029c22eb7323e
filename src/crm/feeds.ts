/**
 * The live updates of the CRM. Each event names the change and the row; a browser reads the row again through the API.
 * Every write of the CRM records an activity, and with it publishes the events; see `activities/record.ts`.
 */
import { z } from 'zod';
import { inboxFeed } from '../inbox/index.ts';
import type { Transaction } from '../platform/db/index.ts';
import { feed, publish, rowOf } from '../platform/feeds/index.ts';
import { JOB_FEED, jobEventSchema } from '../platform/jobs/index.ts';
import type { Activity } from '../platform/rest/index.ts';
import { dealById } from './deals/queries.ts';
import { projectById } from './projects/queries.ts';

/** A change of a row. */
const changeSchema = z.object({
  /** The kind of the row and the verb: `deal.moved`. */
  type: z.string(),
  /** The id of the row. */
  id: z.string(),
  /** The id of the user who made the change; `null` for a machine. */
  actorId: z.string().nullable(),
  /** When the change was made, in ms since the epoch. */
  at: z.number(),
});

const all = { access: 'crm:read', event: changeSchema } as const;

export const dashboardFeed = feed('dashboard', {
  ...all,
  audience: 'tenant',
  presence: true,
  description: 'every change in the CRM',
});

/**
 * The same changes for the live tail of the console. The tail cannot listen to a feed with presence, because the users
 * would see the operator there.
 */
export const changesFeed = feed('changes', {
  ...all,
  audience: 'tenant',
  source: dashboardFeed.name,
  description: 'every change in the CRM, without presence',
});

export const dealsFeed = feed('deals', {
  ...all,
  audience: 'tenant',
  presence: true,
  description: 'changes of deals, for the pipeline',
});

export const dealFeed = feed('deal', {
  ...all,
  audience: 'row',
  presence: true,
  row: rowOf(dealById),
  description: 'changes of one deal and its tasks',
});

export const projectFeed = feed('project', {
  ...all,
  audience: 'row',
  presence: true,
  row: rowOf(projectById),
  description: 'changes of one project and its tasks',
});

/** The jobs of imports and exports have the ids of their rows. Their readers need not be administrators of jobs. */
export const transferFeed = feed('transfer', {
  audience: 'row',
  access: 'crm:read',
  source: JOB_FEED,
  event: jobEventSchema,
  description: 'the progress and the end of one import or export',
});

/** The feeds of the CRM. */
export const crmFeeds = [dashboardFeed, changesFeed, dealsFeed, dealFeed, projectFeed, inboxFeed, transferFeed];

/** Publishes a change to the browsers that show the row, its list or a dashboard. */
export function announceChange(tx: Transaction, activity: Activity, actorId: string | null): void {
  const change = changeOf(tx, activity, actorId);
  publish(tx, dashboardFeed, change);
  if (activity.entityType === 'deal') publish(tx, dealsFeed, change);
  if (activity.entityType === 'deal') publish(tx, dealFeed, change, { to: activity.entityId });
  if (activity.entityType === 'project') publish(tx, projectFeed, change, { to: activity.entityId });
}

/**
 * Publishes a change of a task to the browsers that show the deal or project of the task: the old one and, after a
 * move, the new one.
 */
export function announceTask(
  tx: Transaction,
  activity: Activity,
  states: readonly { dealId: string | null; projectId: string | null }[],
): void {
  const change = changeOf(tx, activity, tx.actorId);
  for (const to of idsOf(states.map(({ dealId }) => dealId))) publish(tx, dealFeed, change, { to });
  for (const to of idsOf(states.map(({ projectId }) => projectId))) publish(tx, projectFeed, change, { to });
}

function changeOf(tx: Transaction, { verb, entityType, entityId }: Activity, actorId: string | null) {
  return { type: `${entityType}.${verb}`, id: entityId, actorId, at: tx.system.now() };
}

function idsOf(ids: readonly (string | null)[]): Set<string> {
  return new Set(ids.filter((id) => id !== null));
}
