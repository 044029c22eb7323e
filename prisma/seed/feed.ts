/** Recent activities, which follow from the rows of the seed, and notifications about open tasks. */
import type { Prisma } from '#prisma';
import type { ContactRow, DealRow } from './sales.ts';
import type { TaskRow } from './work.ts';
import type { World } from './world.ts';

export type ActivityRow = Prisma.ActivityCreateManyInput;
export type NotificationRow = Prisma.NotificationCreateManyInput;

type Event = Omit<ActivityRow, 'tenantId' | 'id' | 'createdAt'> & { occurredAt: Date };

/** Makes activities about the rows, and returns the latest `count`. */
export function makeActivities(
  world: World,
  { contacts, deals, tasks }: { contacts: ContactRow[]; deals: DealRow[]; tasks: TaskRow[] },
  count: number,
): ActivityRow[] {
  const events = [...contacts.flatMap(contactEvents), ...deals.flatMap(dealEvents), ...tasks.flatMap(taskEvents)];
  return events
    .sort((a, b) => a.occurredAt.getTime() - b.occurredAt.getTime() || (a.entityId < b.entityId ? -1 : 1))
    .slice(-count)
    .map((event) => ({
      ...event,
      tenantId: world.tenantId,
      id: world.id('activity', event.occurredAt),
      createdAt: event.occurredAt,
    }));
}

/** Makes a notification for each open task of a user, at most `count`. Two of three notifications are read. */
export function makeNotifications(world: World, tasks: TaskRow[], count: number): NotificationRow[] {
  const open = tasks.filter(({ assigneeId, completedAt }) => assigneeId != null && completedAt == null);
  return open.slice(0, count).map(({ id, title, assigneeId, createdAt }) => {
    const at = asDate(createdAt);
    const readAt = world.weighted({ read: 2, unread: 1 }) === 'read' ? world.since(at) : null;
    return {
      tenantId: world.tenantId,
      id: world.id('notification', at),
      userId: assigneeId ?? '',
      kind: 'task.assigned',
      title: `You were given a task: ${title}`,
      data: { taskId: id },
      readAt,
      createdAt: at,
      updatedAt: readAt ?? at,
    };
  });
}

function contactEvents({ id, ownerId, name, createdAt }: ContactRow): Event[] {
  const actorId = ownerId ?? null;
  return [
    { actorId, verb: 'created', entityType: 'contact', entityId: id, data: { name }, occurredAt: asDate(createdAt) },
  ];
}

function dealEvents({ id, ownerId, title, stage = 'lead', createdAt, closedAt }: DealRow): Event[] {
  const about = { actorId: ownerId ?? null, entityType: 'deal', entityId: id };
  const created = { ...about, verb: 'created', data: { title }, occurredAt: asDate(createdAt) };
  if (closedAt == null) return [created];
  return [created, { ...about, verb: stage, data: { title }, occurredAt: asDate(closedAt) }];
}

function taskEvents({ id, assigneeId, title, completedAt }: TaskRow): Event[] {
  if (completedAt == null) return [];
  const about = { actorId: assigneeId ?? null, entityType: 'task', entityId: id };
  return [{ ...about, verb: 'completed', data: { title }, occurredAt: asDate(completedAt) }];
}

function asDate(value: Date | string | undefined): Date {
  return new Date(value ?? 0);
}
