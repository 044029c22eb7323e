/** `/care/patients/{id}/accesses`: everyone who looked at a patient, or tried to (45 CFR 164.528). */
import { z } from '@hono/zod-openapi';
import { drainReads, entriesOfPatient, LARGEST_DRAIN } from '../../platform/audit/index.ts';
import { createRouter, idSchema, momentSchema, pageQuerySchema, pageSchema } from '../../platform/http/index.ts';
import { oneSchema, toPage, view } from '../../platform/rest/index.ts';
import { ofPatient, requireRowId } from '../audited.ts';

export const accessRoutes = createRouter();

/**
 * How many reads an answer moves from the log into the trail before the answer is made. The rest follows within a
 * minute.
 */
const MOST_DRAINED = 4 * LARGEST_DRAIN;

const accessPageSchema = pageSchema(
  z.object({
    id: idSchema,
    at: momentSchema,
    actorType: z.enum(['user', 'machine', 'system']),
    actorId: z.string().nullable(),
    action: z.string().openapi({ example: 'record.read' }),
    outcome: z.enum(['ok', 'refused', 'failed']),
    purpose: z.string().nullable().openapi({ example: 'TREAT' }),
    entityType: z.string(),
    entityId: z.string().nullable(),
  }),
).openapi('PatientAccessPage');

view(accessRoutes, {
  id: 'patientAccesses.list',
  path: '/care/patients/{id}/accesses',
  tag: 'Patients',
  summary: 'List all accesses to the data of a patient, newest first',
  cost: { requests: 3, commands: 5, statements: 3 },
  description: 'Refused accesses are listed too, and those of duplicates that were merged into the patient.',
  access: 'care:audit:read',
  params: oneSchema,
  search: pageQuerySchema,
  answer: accessPageSchema,
  missing: 'patient',
  audited: ofPatient('patient-accesses.listed'),
  async load({ id, limit, cursor }, { tenant, scope }) {
    requireRowId('patient', id);
    for (let drained = 0, count = LARGEST_DRAIN; count === LARGEST_DRAIN && drained < MOST_DRAINED; drained += count) {
      count = await drainReads(scope, tenant.tenant);
    }
    const where = { tenantId: tenant.tenant, OR: [{ id }, { mergedInto: id }] };
    const patients = await (await tenant.db()).patient.findMany({ where, select: { id: true } });
    const ids = patients.map((patient) => patient.id);
    if (!ids.includes(id)) return null;
    const rows = await entriesOfPatient(scope.store, tenant.tenant, ids, { beforeId: cursor, limit: limit + 1 });
    return toPage(rows, limit, ({ occurredAt, actorType, outcome, ...row }) => ({
      ...{ id: row.id, at: occurredAt, actorType: actorType as 'user', outcome: outcome as 'ok' },
      ...{ actorId: row.actorId, action: row.action, purpose: row.purpose },
      ...{ entityType: row.entityType, entityId: row.entityId },
    }));
  },
});
