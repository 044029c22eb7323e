/** `/care/patients/{id}/team`: the users who care for a patient without a visit. */
import { z } from '@hono/zod-openapi';
import { createRouter, idSchema, momentSchema, ProblemError } from '../../platform/http/index.ts';
import { command, oneSchema, view } from '../../platform/rest/index.ts';
import { noteWrite, ofPatient, requireRowId } from '../audited.ts';
import { requirePatient } from '../patients/require.ts';
import { careTags } from '../tags.ts';

export const teamRoutes = createRouter();

const tag = 'Care teams';
const path = '/care/patients/{id}/team';
const memberPath = z.object({ id: idSchema, userId: idSchema });
const untilSchema = momentSchema.nullable();
const teamSchema = z.object({ items: z.array(z.object({ userId: idSchema, until: untilSchema })) }).openapi('CareTeam');
const assignmentSchema = z.strictObject({ until: untilSchema.optional() }).openapi('CareAssignment');

view(teamRoutes, {
  id: 'careTeams.list',
  path,
  tag,
  summary: 'List the users who are assigned to a patient',
  cost: { commands: 3, statements: 2 },
  access: 'care:patients:write',
  params: oneSchema,
  answer: teamSchema,
  missing: 'patient',
  audited: ofPatient('team.listed'),
  async load({ id }, { tenant }) {
    requireRowId('patient', id);
    const client = await tenant.db();
    const row = await client.patient.findUnique({
      where: { tenantId_id: { tenantId: tenant.tenant, id } },
      select: { assignments: { orderBy: { userId: 'asc' }, take: 500 } },
    });
    return (
      row && {
        items: row.assignments.map(({ userId, validUntil }) => ({ userId, until: validUntil?.toISOString() ?? null })),
      }
    );
  },
});

command(teamRoutes, {
  id: 'careTeams.set',
  method: 'put',
  path: `${path}/{userId}`,
  tag,
  summary: 'Add a user to the care team of a patient',
  cost: { requests: 3, commands: 6, statements: 7 },
  description: 'Replaces an earlier assignment of the user to the patient.',
  access: 'care:patients:write',
  params: memberPath,
  body: assignmentSchema,
  effect: 'The user is assigned',
  problems: [404],
  async run({ params: { id: patientId, userId }, body: { until = null } }, { tenant }, c) {
    noteWrite(c, { action: 'team.written', entity: { type: 'patient', id: patientId }, patientId });
    await tenant.commit(async (tx) => {
      await requirePatient(tx, patientId);
      if ((await tx.db.user.count({ where: { tenantId: tx.tenant, id: userId, disabledAt: null } })) === 0) {
        throw new ProblemError(409, 'NO_SUCH_REFERENCE', 'The request refers to a user who does not exist', {
          fields: [{ field: 'userId', message: 'does not exist' }],
        });
      }
      const key = { tenantId: tx.tenant, patientId, userId };
      const validUntil = until === null ? null : new Date(until);
      await tx.db.careAssignment.upsert({
        where: { tenantId_patientId_userId: key },
        create: { ...key, validUntil, createdAt: new Date(tx.system.now()) },
        update: { validUntil },
      });
      tx.invalidate(careTags.access(patientId));
      await tx.audit({ action: 'team.changed', entity: entityOf(patientId), patientId, data: { userId, until } });
    });
  },
});

command(teamRoutes, {
  id: 'careTeams.remove',
  method: 'delete',
  path: `${path}/{userId}`,
  tag,
  summary: 'Remove a user from the care team of a patient',
  cost: { requests: 3, commands: 6, statements: 6 },
  access: 'care:patients:write',
  params: memberPath,
  effect: 'The user is not assigned any more',
  problems: [404],
  async run({ params: { id: patientId, userId } }, { tenant }, c) {
    noteWrite(c, { action: 'team.written', entity: { type: 'patient', id: patientId }, patientId });
    await tenant.commit(async (tx) => {
      await requirePatient(tx, patientId);
      const where = { tenantId: tx.tenant, patientId, userId };
      if ((await tx.db.careAssignment.deleteMany({ where })).count === 0) return;
      tx.invalidate(careTags.access(patientId));
      await tx.audit({ action: 'team.changed', entity: entityOf(patientId), patientId, data: { removed: userId } });
    });
  },
});

function entityOf(patientId: string) {
  return { type: 'patient', id: patientId };
}
