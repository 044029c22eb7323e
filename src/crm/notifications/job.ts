/** Notifications. A write enqueues the job; the job finds the recipients and writes one row for each recipient. */
import { z } from '@hono/zod-openapi';
import type { Transaction } from '../../platform/db/index.ts';
import { enqueue, job } from '../../platform/jobs/index.ts';
import { addNotifications } from './add.ts';

const kinds = ['task.assigned', 'deal.won'] as const;

/** The event about which users are notified. The user who caused the event gets no notification. */
interface Happening {
  kind: (typeof kinds)[number];
  /** The task or deal. */
  id: string;
}

const happeningSchema = z.object({ kind: z.enum(kinds), id: z.string(), actorId: z.string().nullable() });

export const notifyPeople = job('crm.notify', {
  input: happeningSchema,
  run: (happening, { transaction }) => transaction('notify', (tx) => writeNotifications(tx, happening)),
});

/** Notifies the recipients if the write commits. */
export async function notify(tx: Transaction, happening: Happening): Promise<void> {
  await enqueue(tx, notifyPeople, { ...happening, actorId: tx.actorId });
}

async function writeNotifications(
  tx: Transaction,
  { kind, id, actorId }: z.output<typeof happeningSchema>,
): Promise<number> {
  const found = await concerned(tx, { kind, id });
  const userIds = [...new Set(found?.userIds)].filter((userId) => userId !== null && userId !== actorId);
  if (!found || userIds.length === 0) return 0;
  const data = { id, actorId };
  const rows = userIds.flatMap((userId) => (userId === null ? [] : [{ userId, kind, title: found.title, data }]));
  return addNotifications(tx, rows);
}

/** Returns the recipients according to the current state of the row. So a former assignee gets no notification. */
async function concerned(
  { db, tenant }: Transaction,
  { kind, id }: Happening,
): Promise<{ title: string; userIds: (string | null)[] } | null> {
  const where = { tenantId_id: { tenantId: tenant, id } };
  if (kind === 'task.assigned') {
    const task = await db.task.findUnique({ where, select: { title: true, assigneeId: true } });
    return task && { title: task.title, userIds: [task.assigneeId] };
  }
  const owner = { select: { ownerId: true } } as const;
  const tasks = { select: { assigneeId: true } } as const;
  const select = { title: true, ownerId: true, company: owner, tasks } as const;
  const deal = await db.deal.findUnique({ where, select });
  if (!deal) return null;
  const helpers = deal.tasks.map(({ assigneeId }) => assigneeId);
  return { title: deal.title, userIds: [deal.ownerId, deal.company?.ownerId ?? null, ...helpers] };
}
