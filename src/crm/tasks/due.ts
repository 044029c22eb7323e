/**
 * Notifies users of their due tasks at 06:00 in their time zone: one notification per user and local day. A zone's
 * offset is a multiple of 15 minutes, so a tick every 15 minutes meets 06:00 in every zone.
 */
import { createHash } from 'node:crypto';
import { addNotifications } from '../../inbox/index.ts';
import type { PrismaClient } from '../../platform/db/index.ts';
import type { TenantScope } from '../../platform/http/index.ts';
import { forEachTenant, schedule } from '../../platform/jobs/index.ts';
import { dayIn, timeIn } from '../../platform/rest/index.ts';

const MORNING = '06:00';

export const notifyDueTasks = schedule('crm.due-tasks', {
  cron: '*/15 * * * *',
  // Only the tick at 06:00 of a zone notifies the users of the zone, so a missed tick must run later.
  catchUp: 'all',
  timeout: '14m',
  async run({ tick, scope, signal, log }) {
    const client = await scope.database.client();
    const days = daysOf(await zonesInUse(client), tick, scope.system.now());
    const zones = [...days.values()].flat();
    if (zones.length === 0) return undefined;
    const tenantsAfter = (after: string, limit: number) => tenantsIn(client, zones, after, limit);
    let notified = 0;
    const tenants = await forEachTenant(
      { signal, log, scope: { tenantsAfter, tenant: (id) => scope.tenant(id) } },
      async (tenant) => {
        for (const [day, ofDay] of days) notified += await notifyOf(tenant, day, ofDay);
      },
    );
    return { zones, tenants, notified };
  },
});

/** Returns every time zone of a tenant or a user. */
async function zonesInUse(client: PrismaClient): Promise<string[]> {
  const rows = await client.$queryRaw<{ zone: string }[]>`
    SELECT coalesce(time_zone, 'UTC') AS zone FROM tenants
    UNION SELECT time_zone FROM users WHERE time_zone IS NOT NULL ORDER BY zone`;
  return rows.map(({ zone }) => zone);
}

/**
 * Returns the zones in which it is 06:00 at the tick, by their day. A day that has ended meanwhile, because the tick is
 * late, is left out.
 */
function daysOf(zones: readonly string[], tick: number, now: number): Map<string, string[]> {
  const days = new Map<string, string[]>();
  for (const zone of zones) {
    const day = dayIn(zone, tick);
    if (timeIn(zone, tick) === MORNING && dayIn(zone, now) === day) days.set(day, [...(days.get(day) ?? []), zone]);
  }
  return days;
}

/** Returns the tenants with the zones, or with a user in one of the zones. */
async function tenantsIn(client: PrismaClient, zones: string[], after: string, limit: number): Promise<string[]> {
  const rows = await client.$queryRaw<{ id: string }[]>`
    SELECT id FROM tenants t WHERE id > ${after} AND (coalesce(time_zone, 'UTC') = ANY(${zones}::text[])
      OR EXISTS (SELECT FROM users u WHERE u.tenant_id = t.id AND u.time_zone = ANY(${zones}::text[])))
    ORDER BY id LIMIT ${limit}`;
  return rows.map(({ id }) => id);
}

async function notifyOf({ tenant, db, commit }: TenantScope, day: string, zones: string[]): Promise<number> {
  const people = await dueTasks(await db(), tenant, day, zones);
  if (people.length === 0) return 0;
  const rows = people.map(({ userId, due, overdue }) => ({
    id: notificationId(userId, day),
    userId,
    kind: 'tasks.due',
    title: titleOf(due, overdue),
    data: { day, due, overdue },
  }));
  return commit((tx) => addNotifications(tx, rows));
}

interface DueTasks {
  userId: string;
  due: number;
  overdue: number;
}

/**
 * Returns the counts of open tasks due on the day or earlier, by assignee, of the users in the zones. Disabled users get
 * no notification.
 */
function dueTasks(client: PrismaClient, tenant: string, day: string, zones: string[]): Promise<DueTasks[]> {
  return client.$queryRaw<DueTasks[]>`
    SELECT k.assignee_id AS "userId", (count(*) FILTER (WHERE k.due_date = ${day}::date))::int AS due,
      (count(*) FILTER (WHERE k.due_date < ${day}::date))::int AS overdue
    FROM tasks k JOIN users u ON u.tenant_id = k.tenant_id AND u.id = k.assignee_id AND u.disabled_at IS NULL
    JOIN tenants t ON t.id = k.tenant_id
    WHERE k.tenant_id = ${tenant} AND k.due_date <= ${day}::date AND k.status NOT IN ('done', 'cancelled')
      AND coalesce(u.time_zone, t.time_zone, 'UTC') = ANY(${zones}::text[])
    GROUP BY k.assignee_id ORDER BY k.assignee_id`;
}

/** Returns the same id for the same user and day, so that an existing row prevents a second notification. */
function notificationId(userId: string, day: string): string {
  const digest = createHash('sha256')
    .update(JSON.stringify(['tasks.due', userId, day]))
    .digest('hex');
  return `note_${digest.slice(0, 32)}`;
}

function titleOf(due: number, overdue: number): string {
  const parts = [due > 0 ? `${due} due today` : '', overdue > 0 ? `${overdue} overdue` : ''];
  return `Tasks: ${parts.filter(Boolean).join(', ')}`;
}
