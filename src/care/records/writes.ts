/** The writes of records. A record is amended by a new version; no text is ever changed. */
import { lockRow, type Transaction } from '../../platform/db/index.ts';
import { notFound, ProblemError, type TenantScope } from '../../platform/http/index.ts';
import { requirePatient } from '../patients/require.ts';
import { requireUser } from '../relations/require-user.ts';
import { sealColumn } from '../sealing/columns.ts';
import { careTags } from '../tags.ts';
import { announceResult, type ResultNews } from './result-ready.ts';
import type { Amendment, MedicalRecord, NewRecord } from './schema.ts';

/** The demands on the user who ordered a result: only clinicians read results of every kind. */
const ORDERER = { isActive: true, right: 'care:records:all', field: 'orderedBy' } as const;

/**
 * Adds a record. A result tells the user who ordered it.
 * @throws {ProblemError} 404; 409 `MERGED`; 409 `NO_SUCH_REFERENCE` if the user who ordered the result is no clinician.
 */
export function addRecord(
  tenant: TenantScope,
  patientId: string,
  authorId: string,
  { kind, recordClass, text, orderedBy = null }: NewRecord,
): Promise<MedicalRecord> {
  return tenant.commit(async (tx) => {
    // A merge may have moved the records of the patient since the check of the caller.
    await requirePatient(tx, patientId);
    const id = tx.system.rowId('record');
    const at = new Date(tx.system.now());
    if (orderedBy !== null) await requireUser(tx, orderedBy, ORDERER);
    await tx.db.medicalRecord.create({
      data: {
        ...{ tenantId: tx.tenant, id, patientId, authorId, kind, recordClass, orderedBy },
        ...{ recordedAt: at, createdAt: at },
      },
      select: { id: true },
    });
    await addVersion(tx, id, { version: 1, text, authorId, at });
    tx.invalidate(careTags.records(patientId));
    await audit(tx, 'created', patientId, id, { kind, recordClass, version: 1 });
    await tellOrderer(tx, { patientId, id, orderedBy, authorId, news: 'ready' });
    const recordedAt = at.toISOString();
    const versions = [{ version: 1, text, authorId, at: recordedAt }];
    return { id, patientId, kind, recordClass, authorId, version: 1, recordedAt, orderedBy, versions };
  });
}

/**
 * Adds a version to a record. A new version of a result tells the user who ordered the result.
 * @throws {ProblemError} 404 if the patient has no such record; 409 `RECORD_AMENDED` if there is a newer version.
 */
export function amendRecord(
  tenant: TenantScope,
  place: { patientId: string; id: string },
  authorId: string,
  { version, text }: Amendment,
): Promise<void> {
  const { patientId, id } = place;
  return tenant.commit(async (tx) => {
    if (!(await lockRow(tx.db, 'medical_records', tx.tenant, id))) throw notFound('record');
    const where = { tenantId_id: { tenantId: tx.tenant, id }, patientId };
    const current = await tx.db.medicalRecord.findUnique({ where, select: { version: true, orderedBy: true } });
    if (!current) throw notFound('record');
    if (current.version !== version) {
      throw new ProblemError(409, 'RECORD_AMENDED', 'There is a newer version; read it before you amend the record', {
        members: { version: current.version },
      });
    }
    await addVersion(tx, id, { version: version + 1, text, authorId, at: new Date(tx.system.now()) });
    await tx.db.medicalRecord.update({ where, data: { version: version + 1 }, select: { id: true } });
    tx.invalidate(careTags.records(patientId), careTags.record(id));
    await audit(tx, 'amended', patientId, id, { version: version + 1 });
    await tellOrderer(tx, { patientId, id, orderedBy: current.orderedBy, authorId, news: 'amended' });
  });
}

/** Tells the user who ordered the result, unless this user is the author. 0 statements if no user ordered it. */
async function tellOrderer(
  tx: Transaction,
  {
    orderedBy,
    authorId,
    ...result
  }: { patientId: string; id: string; orderedBy: string | null; authorId: string; news: ResultNews },
): Promise<void> {
  if (orderedBy !== null && orderedBy !== authorId) await announceResult(tx, { userId: orderedBy, ...result });
}

interface NewVersion {
  version: number;
  text: string;
  authorId: string;
  at: Date;
}

async function addVersion(tx: Transaction, recordId: string, { version, text, authorId, at }: NewVersion) {
  const sealedBody = await sealColumn(tx, 'medical_record_versions.sealed_body', `${recordId}/${version}`, text);
  const row = { tenantId: tx.tenant, recordId, version, authorId, sealedBody, createdAt: at };
  await tx.db.medicalRecordVersion.create({ data: row, select: { version: true } });
}

function audit({ audit }: Transaction, verb: 'created' | 'amended', patientId: string, id: string, data: object) {
  return audit({ action: `record.${verb}`, entity: { type: 'record', id }, patientId, data });
}
