/** The job that writes what a user may see about a patient into a sealed file, and the one that deletes the file. */
import { z } from 'zod';
import type { Transaction } from '../../platform/db/index.ts';
import { cancel, job } from '../../platform/jobs/index.ts';
import { openPatient } from '../patients/patient.ts';
import type { Patient } from '../patients/schema.ts';
import { loadRecords } from '../records/queries.ts';
import type { MedicalRecord } from '../records/schema.ts';
import { accessOfPatient, type PatientAccess } from '../relations/access.ts';
import { decide } from '../relations/decide.ts';
import { sealColumn } from '../sealing/columns.ts';

/** How many records a file has at most: the newest ones. */
export const MOST_RECORDS = 1_000;

/** The content of a file. */
export interface PatientFile {
  patient: Patient;
  records: MedicalRecord[];
}

const input = z.object({ exportId: z.string(), patientId: z.string() });

export const exportPatient = job('care.export', {
  input,
  async run({ exportId, patientId }, { transaction, tenant }) {
    // The right of the user may have ended since the request.
    const access = await tenant.cache.read(accessOfPatient, { patientId });
    if (!access) return cancel('PATIENT_GONE');
    const records = await transaction('write', (tx) => write(tx, exportId, access));
    return records === null ? cancel('EXPORT_GONE') : { records };
  },
});

export const forgetPatientExport = job('care.export.forget', {
  input,
  priority: 'low',
  run: ({ exportId }, { transaction, tenant }) =>
    transaction('forget', async ({ db }) => {
      return (await db.patientExport.deleteMany({ where: { tenantId: tenant.tenant, id: exportId } })).count;
    }),
});

/** Writes the file. Returns the number of its records; `null` if the export is gone. */
async function write(tx: Transaction, id: string, access: PatientAccess): Promise<number | null> {
  const { db, tenant, system } = tx;
  const where = { tenantId_id: { tenantId: tenant, id } };
  const row = await db.patientExport.findUnique({ where, select: { patient: true, userId: true } });
  if (!row) return null;
  const { patient, userId } = row;
  const listed = await db.medicalRecord.findMany({
    where: { tenantId: tenant, patientId: patient.id },
    select: { id: true, recordClass: true, authorId: true },
    orderBy: { id: 'desc' },
    take: MOST_RECORDS,
  });
  const visible = listed.filter(
    ({ recordClass, authorId }) =>
      decide(access, { userId, recordClass, isAuthor: authorId === userId }, system.now()).allowed,
  );
  const ids = visible.map((record) => record.id);
  const records = await loadRecords(tx, db, patient.id, ids);
  const file: PatientFile = { patient: await openPatient(tx, patient), records };
  const sealedFile = await sealColumn(tx, 'patient_exports.sealed_file', id, JSON.stringify(file));
  await db.patientExport.update({
    where,
    data: { sealedFile, finishedAt: new Date(system.now()) },
    select: { id: true },
  });
  const data = { exportId: id, records: ids };
  await tx.audit({
    action: 'patient-export.written',
    entity: { type: 'patient', id: patient.id },
    onBehalf: userId,
    patientId: patient.id,
    data,
  });
  return records.length;
}
