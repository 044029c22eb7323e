/** `/care/patients/{id}/break-glass` and `/care/break-glass`: accesses in emergencies, and their review. */
import { type Caller, createRouter, noteRead, ProblemError, type TenantScope } from '../../platform/http/index.ts';
import { command, oneSchema, pageWindow, toPage, view } from '../../platform/rest/index.ts';
import { noteWrite } from '../audited.ts';
import { openColumn } from '../sealing/columns.ts';
import {
  emergencyPageSchema,
  emergencyQuerySchema,
  emergencySchema,
  newEmergencySchema,
  reviewSchema,
  type Verdict,
} from './schema.ts';
import { confirmEmergency, reviewBy, reviewEmergency, startEmergency, toEmergency } from './writes.ts';

export const breakGlassRoutes = createRouter();

const tag = 'Break glass';
const entityOf = (id: string) => ({ type: 'break-glass', id });

command(breakGlassRoutes, {
  id: 'breakGlass.start',
  path: '/care/patients/{id}/break-glass',
  tag,
  summary: 'Start an access to the records of a patient in an emergency',
  cost: { requests: 4, commands: 9, statements: 12, messages: 1 },
  description:
    'Needs a proof of the second factor in the last 5 minutes. The records are open for 60 minutes, reviewers are told at once, and each ' +
    'user may start 3 a day. Restricted records open when a second person has confirmed within 10 minutes.',
  access: 'care:break-glass',
  params: oneSchema,
  body: newEmergencySchema,
  answer: emergencySchema,
  status: 201,
  effect: 'The access',
  problems: [404],
  run({ params: { id }, body }, { tenant, caller }, c) {
    noteWrite(c, {
      action: 'break-glass.requested',
      entity: { type: 'patient', id },
      patientId: id,
      purpose: 'ETREAT',
    });
    return startEmergency(tenant, id, freshPerson(tenant, caller), body);
  },
});

command(breakGlassRoutes, {
  id: 'breakGlass.confirm',
  path: '/care/break-glass/{id}/confirm',
  tag,
  summary: 'Confirm an access to restricted records as the second person',
  cost: { requests: 3, commands: 6, statements: 6 },
  description: 'Needs a proof of the second factor in the last 5 minutes.',
  access: 'care:break-glass:approve',
  params: oneSchema,
  answer: emergencySchema,
  effect: 'The access, which is open now',
  problems: [404],
  run({ params: { id } }, { tenant, caller }, c) {
    noteWrite(c, { action: 'break-glass.confirmed', entity: entityOf(id) });
    return confirmEmergency(tenant, id, freshPerson(tenant, caller));
  },
});

view(breakGlassRoutes, {
  id: 'breakGlass.list',
  path: '/care/break-glass',
  tag,
  summary: 'List the accesses in emergencies, newest first',
  access: 'care:break-glass:review',
  search: emergencyQuerySchema,
  answer: emergencyPageSchema,
  audited: { action: 'break-glass.listed', entity: 'break-glass', late: true },
  async load({ limit, cursor, state }, { tenant, scope }, _day, c) {
    const { take, orderBy, beforeCursor } = pageWindow({ limit, cursor });
    const reviewed = state === undefined ? {} : { reviewedAt: state === 'waiting' ? null : { not: null } };
    const where = { tenantId: tenant.tenant, ...reviewed, ...beforeCursor };
    const rows = await (await tenant.db()).breakGlass.findMany({ where, take, orderBy });
    const page = toPage(rows, limit, (row) => row);
    const now = scope.system.now();
    const items = await Promise.all(
      page.items.map(async (row) => ({
        ...toEmergency(row, now),
        reason: await openColumn(tenant, 'break_glass.sealed_reason', row.id, row.sealedReason),
        reviewBy: reviewBy(row.startedAt).toISOString(),
        reviewedBy: row.reviewedBy,
        reviewedAt: row.reviewedAt?.toISOString() ?? null,
        verdict: row.verdict as Verdict | null,
      })),
    );
    noteRead(c, { data: { patients: [...new Set(items.map(({ patientId }) => patientId))] } });
    return { items, nextCursor: page.nextCursor };
  },
});

command(breakGlassRoutes, {
  id: 'breakGlass.review',
  path: '/care/break-glass/{id}/review',
  tag,
  summary: 'Review an access in an emergency',
  cost: { commands: 4, statements: 4 },
  access: 'care:break-glass:review',
  params: oneSchema,
  body: reviewSchema,
  effect: 'The review is saved',
  problems: [404],
  async run({ params: { id }, body: { verdict } }, { tenant, caller }, c) {
    noteWrite(c, { action: 'break-glass.reviewed', entity: entityOf(id) });
    await reviewEmergency(tenant, id, person(caller), verdict);
  },
});

/** Returns the user who calls. */
function person({ userId }: Caller): string {
  if (userId === null) throw new ProblemError(403, 'NOT_A_PERSON', 'This is for people; sign in as a user');
  return userId;
}

/**
 * Returns the user who calls, if the last proof of a second factor is at most five minutes old.
 * @throws {SessionError} `SESSION_NOT_FRESH`
 */
export function freshPerson(tenant: TenantScope, caller: Caller): string {
  const userId = person(caller);
  tenant.sessions.requireFreshFactor(caller.session ?? caller.grant ?? {}, '5m');
  return userId;
}
