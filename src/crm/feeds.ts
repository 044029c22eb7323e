/**
 * The live updates of the CRM. Each event names the change and the row; a browser reads the row again through the API.
 * Every write of the CRM records an activity, and with it publishes the events; see `activities/record.ts`.
 */
import { z } from 'zod';
import { inboxFeed } from '../inbox/index.ts';
import type { Transaction } from '../platform/db/index.ts';
import { feed, type PublishTarget, publishToAll, rowOf } from '../platform/feeds/index.ts';
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

type Target = PublishTarget<typeof changeSchema>;

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
  const { entityType, entityId: to } = activity;
  const targets: Target[] = [{ feed: dashboardFeed }];
  if (entityType === 'deal') targets.push({ feed: dealsFeed }, { feed: dealFeed, to });
  if (entityType === 'project') targets.push({ feed: projectFeed, to });
  publishToAll(tx, targets, changeOf(tx, activity, actorId));
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
  const targets: Target[] = [
    ...idsOf(states.map(({ dealId }) => dealId)).map((to) => ({ feed: dealFeed, to })),
    ...idsOf(states.map(({ projectId }) => projectId)).map((to) => ({ feed: projectFeed, to })),
  ];
  publishToAll(tx, targets, changeOf(tx, activity, tx.actorId));
}

function changeOf(tx: Transaction, { verb, entityType, entityId }: Activity, actorId: string | null) {
  return { type: `${entityType}.${verb}`, id: entityId, actorId, at: tx.system.now() };
}

function idsOf(ids: readonly (string | null)[]): string[] {
  return [...new Set(ids.filter((id) => id !== null))];
}
