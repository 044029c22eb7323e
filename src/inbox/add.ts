/** Adds notifications in an open write, and tells the inboxes of their users. */
import type { Transaction } from '../platform/db/index.ts';
import { publish } from '../platform/feeds/index.ts';
import { inboxFeed } from './feed.ts';
import { notificationTags } from './tags.ts';

/** A notification to add. */
export interface NewNotification {
  userId: string;
  kind: string;
  title: string;
  data: Record<string, string | number | null>;
  /** Default: a new id. A notification whose id exists already is not added. */
  id?: string;
}

/** Adds notifications, and returns the number of added rows. 1 statement. */
export async function addNotifications(tx: Transaction, rows: readonly NewNotification[]): Promise<number> {
  const createdAt = new Date(tx.system.now());
  const added: { id: string; userId: string }[] = await tx.db.notification.createManyAndReturn({
    data: rows.map(({ id = tx.system.rowId('notification'), ...row }) => ({
      ...row,
      id,
      tenantId: tx.tenant,
      createdAt,
    })),
    skipDuplicates: true,
    select: { id: true, userId: true },
  });
  for (const { id, userId } of added) publish(tx, inboxFeed, { type: 'notification.created', id }, { to: userId });
  tx.invalidate(...added.map(({ userId }) => notificationTags.ofUser(userId)));
  return added.length;
}
