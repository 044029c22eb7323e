/** Notifications. A write enqueues the job; the job finds the recipients and writes one row for each recipient. */
import { z } from '@hono/zod-openapi';
import { addNotifications } from '../../inbox/index.ts';
import type { Transaction } from '../../platform/db/index.ts';
import { enqueue, job } from '../../platform/jobs/index.ts';
import { usersWhoWant } from '../preferences/document.ts';
import { type NotificationKind, notificationKinds } from '../preferences/schema.ts';

/** The event about which users are notified. The user who caused the event gets no notification. */
interface Happening {
  kind: NotificationKind;
  /** The task or deal. */
  id: string;
}

const happeningSchema = z.object({ kind: z.enum(notificationKinds), id: z.string(), actorId: z.string().nullable() });

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
  const userIds = [...new Set(found?.userIds)].flatMap((userId) =>
    userId === null || userId === actorId ? [] : [userId],
  );
  if (!found || userIds.length === 0) return 0;
  const told = await usersWhoWant(tx, kind, userIds);
  const data = { id, actorId };
  return told.length === 0
    ? 0
    : addNotifications(
        tx,
        told.map((userId) => ({ userId, kind, title: found.title, data })),
      );
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
