/** `/care/patients/{id}/exports`: a file with all that the caller may see about a patient. It is sealed and expires. */
import { z } from '@hono/zod-openapi';
import { createRouter, idSchema, momentSchema, ProblemError, type TenantScope } from '../../platform/http/index.ts';
import { enqueue } from '../../platform/jobs/index.ts';
import { command, oneSchema, view } from '../../platform/rest/index.ts';
import { noteWrite, patientIn, requireRowId, shownId } from '../audited.ts';
import { freshPerson } from '../break-glass/routes.ts';
import { accessOfPatient } from '../relations/access.ts';
import { recordsOf } from '../relations/require.ts';
import { openColumn } from '../sealing/columns.ts';
import { exportPatient, forgetPatientExport, MOST_RECORDS, type PatientFile } from './job.ts';

export const patientExportRoutes = createRouter();

const tag = 'Patient exports';
const path = '/care/patients/{id}/exports';
/** How long a file is kept, in ms: a day. */
const KEPT_MS = 86_400_000;

const exportPathSchema = z.object({ id: idSchema, exportId: idSchema });
const exportSchema = z
  .object({
    id: idSchema,
    patientId: idSchema,
    status: z.enum(['running', 'done']),
    createdAt: momentSchema,
    expiresAt: momentSchema,
  })
  .openapi('PatientExport');

command(patientExportRoutes, {
  id: 'patientExports.create',
  path,
  tag,
  summary: 'Export what you may see about a patient',
  cost: { requests: 5, commands: 9, statements: 5, messages: 2 },
  description: `Needs a sign-in of the last 5 minutes. The newest ${MOST_RECORDS} records. The file is kept for a day.`,
  access: 'care:records:all',
  params: oneSchema,
  answer: exportSchema,
  status: 202,
  location: ({ id, patientId }) => `/care/patients/${patientId}/exports/${id}`,
  effect: 'The export',
  problems: [404],
  async run({ params: { id: patientId } }, services, c) {
    const { tenant, caller } = services;
    noteWrite(c, { action: 'patient.exported', entity: { type: 'patient', id: patientId }, patientId });
    const userId = freshPerson(tenant, caller);
    (await recordsOf(services, patientId)).require({ recordClass: 'normal' });
    return tenant.commit(async (tx) => {
      const id = tx.system.rowId('pexport');
      const now = tx.system.now();
      const times = { createdAt: new Date(now), expiresAt: new Date(now + KEPT_MS) };
      const row = await tx.db.patientExport.create({ data: { tenantId: tx.tenant, id, patientId, userId, ...times } });
      await enqueue(tx, exportPatient, { exportId: id, patientId }, { id });
      await enqueue(tx, forgetPatientExport, { exportId: id, patientId }, { id: `${id}-forget`, delay: KEPT_MS });
      const entity = { type: 'patient', id: patientId };
      await tx.audit({ action: 'patient.exported', entity, patientId, data: { exportId: id } });
      return toExport(row);
    });
  },
});

const ofOne = { tag, access: 'care:records:all', params: exportPathSchema, missing: 'export' } as const;
const auditedAs = (action: string) => ({
  action,
  entity: 'patient-export',
  idOf: ({ exportId }: z.output<typeof exportPathSchema>) => shownId(exportId),
  patientOf: patientIn,
});

view(patientExportRoutes, {
  ...ofOne,
  id: 'patientExports.get',
  path: `${path}/{exportId}`,
  summary: 'Get one of your exports of a patient',
  cost: { commands: 3 },
  answer: exportSchema,
  audited: auditedAs('patient-export.read'),
  async load({ id, exportId }, { tenant, caller }) {
    requireRowId('export', id, exportId);
    const row = await find(tenant, { patientId: id, exportId, userId: caller.userId });
    return row && toExport(row);
  },
});

view(patientExportRoutes, {
  ...ofOne,
  id: 'patientExports.download',
  path: `${path}/{exportId}/file`,
  summary: 'Download the file of one of your exports of a patient',
  cost: { hit: { statements: 2 }, miss: { statements: 3 } },
  description: 'Needs a sign-in of the last 5 minutes. Without the records that you may not see any more.',
  answer: z.object({ patient: z.record(z.string(), z.unknown()), records: z.array(z.unknown()) }),
  problems: [409],
  audited: { ...auditedAs('patient-export.downloaded'), strict: true },
  prefetch: (cache, _day, c) => cache.prefetch(accessOfPatient, { patientId: c.req.param('id') ?? '' }),
  async load({ id, exportId }, services, _day, c) {
    requireRowId('export', id, exportId);
    const { tenant, caller } = services;
    const userId = freshPerson(tenant, caller);
    const row = await find(tenant, { patientId: id, exportId, userId });
    if (!row) return null;
    const records = await recordsOf(services, id);
    records.require({ recordClass: 'normal' });
    if (row.sealedFile === null) throw new ProblemError(409, 'NOT_DONE', 'The export is not done yet');
    const text = await openColumn(tenant, 'patient_exports.sealed_file', exportId, row.sealedFile);
    const file = JSON.parse(text) as PatientFile;
    // The patient may have revoked a permission since, or an access in an emergency has ended.
    const visible = file.records.filter(
      ({ recordClass, authorId }) => records.about({ recordClass, isAuthor: authorId === userId }).allowed,
    );
    return c.body(JSON.stringify({ ...file, records: visible }, null, 2), 200, {
      'content-type': 'application/json',
      'content-disposition': `attachment; filename="${exportId}.json"`,
    });
  },
});

type ExportRow = NonNullable<Awaited<ReturnType<typeof find>>>;

/** Finds an export of a user. An expired export is not found, even if the job that deletes it is late. */
async function find(
  { tenant, db, now }: TenantScope,
  { patientId, exportId, userId }: { patientId: string; exportId: string; userId: string | null },
) {
  return (await db()).patientExport.findFirst({
    where: { tenantId: tenant, id: exportId, patientId, userId: userId ?? '', expiresAt: { gt: new Date(now()) } },
  });
}

function toExport({ id, patientId, finishedAt, createdAt, expiresAt }: Omit<ExportRow, 'sealedFile'>) {
  return {
    ...{ id, patientId, status: finishedAt === null ? ('running' as const) : ('done' as const) },
    ...{ createdAt: createdAt.toISOString(), expiresAt: expiresAt.toISOString() },
  };
}
