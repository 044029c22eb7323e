/** The number of rows that a user owns: read from the maintained numbers or, while these are not complete, counted. */
import type { PrismaClient } from '../../platform/db/index.ts';
import { dayBucket, readNumbers } from '../../platform/numbers/index.ts';
import { addDays } from '../../platform/rest/index.ts';
import { companyNumbers, contactNumbers, dealNumbers, taskNumbers } from '../numbers.ts';
import type { UserDashboard, UserFull } from './schema.ts';

type Owned = Omit<UserFull['counts'], 'projects'>;

/** Returns the counts of a user's companies, contacts, open deals and open tasks. 1 statement, or 5 without numbers. */
export async function loadOwned(client: PrismaClient, tenant: string, userId: string): Promise<Owned> {
  const read = await readNumbers(client, tenant, 0, {
    totals: {
      companies: companyNumbers.at('owner', userId),
      contacts: contactNumbers.at('owner', userId),
      openTasks: taskNumbers.at('assigned', userId),
      deals: dealNumbers.at('owner', userId),
      won: dealNumbers.at('owner', userId, 'won'),
      lost: dealNumbers.at('owner', userId, 'lost'),
    },
  });
  if (!read) return countOwned(client, tenant, userId);
  const { companies, contacts, openTasks, deals, won, lost } = read.totals;
  return {
    companies: companies.count,
    contacts: contacts.count,
    openDeals: deals.count - won.count - lost.count,
    openTasks: openTasks.count,
  };
}

async function countOwned(client: PrismaClient, tenant: string, userId: string): Promise<Owned> {
  const owned = { tenantId: tenant, ownerId: userId };
  const [companies, contacts, openDeals, openTasks] = await Promise.all([
    client.company.count({ where: owned }),
    client.contact.count({ where: owned }),
    client.deal.count({ where: { ...owned, stage: { notIn: ['won', 'lost'] } } }),
    client.task.count({ where: { tenantId: tenant, assigneeId: userId, status: { notIn: ['done', 'cancelled'] } } }),
  ]);
  return { companies, contacts, openDeals, openTasks };
}

type TaskCounts = Omit<UserDashboard['tasks'], 'next'>;

/**
 * Returns the numbers of a user's open tasks. Weeks begin on Monday, as in ISO 8601 and in PostgreSQL's `date_trunc`.
 * The days come from numbers by day, so nothing changes at midnight. 1 statement, or 2 without numbers.
 */
export async function loadTaskCounts(
  client: PrismaClient,
  tenant: string,
  userId: string,
  today: string,
): Promise<TaskCounts> {
  const dueIn = (from: string | null, to: string) =>
    taskNumbers.between('assigned_due', [userId], from === null ? null : dayBucket(from), dayBucket(to));
  const read = await readNumbers(client, tenant, 0, {
    totals: {
      open: taskNumbers.at('assigned', userId),
      overdue: dueIn(null, today),
      dueThisWeek: dueIn(today, nextMonday(today)),
    },
  });
  if (!read) return countTasks(client, tenant, userId, today);
  const { open, overdue, dueThisWeek } = read.totals;
  return { open: open.count, overdue: overdue.count, dueThisWeek: dueThisWeek.count };
}

/** Returns the Monday after a day. */
function nextMonday(day: string): string {
  const daysSinceMonday = (new Date(day).getUTCDay() + 6) % 7;
  return addDays(day, 7 - daysSinceMonday);
}

async function countTasks(client: PrismaClient, tenant: string, userId: string, today: string): Promise<TaskCounts> {
  const [counts] = await client.$queryRaw<TaskCounts[]>`
    SELECT count(*)::int AS open,
      (count(*) FILTER (WHERE due_date < ${today}::date))::int AS overdue,
      (count(*) FILTER (WHERE due_date >= ${today}::date
        AND due_date < date_trunc('week', ${today}::date) + interval '7 days'))::int AS "dueThisWeek"
    FROM tasks
    WHERE tenant_id = ${tenant} AND assignee_id = ${userId} AND status NOT IN ('done', 'cancelled')`;
  return counts ?? { open: 0, overdue: 0, dueThisWeek: 0 };
}
