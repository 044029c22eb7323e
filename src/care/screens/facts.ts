/**
 * Facts that are about no patient: the names of colleagues, by ids that an operation has answered, and the departments.
 * They are read here, because no operation that care roles may use has them.
 */
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
