/**
 * Facts that are about no patient: the names of colleagues, the departments, and the time zone of the clinic. They are
 * read here, because no operation that care roles may use has them.
 */
import type { Role } from '../../identity/index.ts';
import type { Visit } from './visit.ts';

/** A department is shown if it has a visit within this time before or after now, in ms: 30 days. */
const RECENT_MS = 30 * 86_400_000;

/** Returns a function that names users. 1 statement; none without ids. */
export async function namesOf(
  { c, me }: Pick<Visit, 'c' | 'me'>,
  ids: readonly (string | null)[],
): Promise<(id: string | null) => string> {
  const wanted = [...new Set(ids.filter((id) => id !== null))];
  const names = new Map<string, string>();
  if (wanted.length > 0) {
    const client = await c.var.scope.tenant(me.tenant).db();
    const where = { tenantId: me.tenant, id: { in: wanted } };
    for (const { id, name } of await client.user.findMany({ where, select: { id: true, name: true } })) {
      names.set(id, name);
    }
  }
  return (id) =>
    id === null ? 'a machine' : id === me.userId ? `${names.get(id) ?? id} (you)` : (names.get(id) ?? id);
}

/** Returns the departments with visits in the last and the next days, in the order of their names. 1 statement. */
export async function departmentsOf({ c, me, now }: Pick<Visit, 'c' | 'me' | 'now'>): Promise<string[]> {
  const client = await c.var.scope.tenant(me.tenant).db();
  const rows = await client.appointment.groupBy({
    by: ['department'],
    where: { tenantId: me.tenant, startsAt: { gte: new Date(now - RECENT_MS), lte: new Date(now + RECENT_MS) } },
    orderBy: { department: 'asc' },
    take: 50,
  });
  return rows.map(({ department }) => department);
}

/** A colleague to choose. */
export interface Colleague {
  id: string;
  name: string;
}

/** The most colleagues of a list. */
const MOST_COLLEAGUES = 500;

/** Returns the colleagues with one of these roles, in the order of their names. 1 statement. */
export async function colleaguesOf({ c, me }: Pick<Visit, 'c' | 'me'>, roles: readonly Role[]): Promise<Colleague[]> {
  const client = await c.var.scope.tenant(me.tenant).db();
  return client.user.findMany({
    where: { tenantId: me.tenant, role: { in: [...roles] }, disabledAt: null },
    select: { id: true, name: true },
    orderBy: [{ name: 'asc' }, { id: 'asc' }],
    take: MOST_COLLEAGUES,
  });
}

/** Returns the time zone of the clinic, an IANA name. 1 statement. */
export async function zoneOf({ c, me }: Pick<Visit, 'c' | 'me'>): Promise<string> {
  const client = await c.var.scope.tenant(me.tenant).db();
  const { timeZone } = await client.tenant.findUniqueOrThrow({
    where: { id: me.tenant },
    select: { timeZone: true },
  });
  return timeZone ?? 'UTC';
}
