/** The writes to patients. Their entries in the audit trail name the changed fields, never the values. */
import type { Transaction } from '../../platform/db/index.ts';
import { invalidField, ProblemError, type TenantScope } from '../../platform/http/index.ts';
import { entity } from '../../platform/rest/index.ts';
import { numberDigests } from '../sealing/columns.ts';
import { careTags } from '../tags.ts';
import { openPatient, sealPatient } from './patient.ts';
import type { NewPatient, Patient, PatientChanges } from './schema.ts';

const DAY_MS = 86_400_000;

/** The writes to patients in an open transaction. A loaded row has its sealed columns opened. */
function patientsOf(tx: Transaction) {
  return entity<'patient', Patient>({
    kind: 'patient',
    table: 'patients',
    load: async (db, where) => openPatient(tx, await db.patient.findUniqueOrThrow({ where })),
    show: (patient) => patient,
    // A look-up before the patient existed has cached a 404, so a new patient invalidates these tags too.
    tags: (_tx, states) => states.flatMap(({ id }) => [careTags.patient(id), careTags.access(id)]),
    label: () => ({}),
    record: ({ audit }, { verb, entityId: id, data }) =>
      audit({ action: `patient.${verb}`, entity: { type: 'patient', id }, patientId: id, data }),
  });
}

/**
 * Adds a patient.
 * @throws {ProblemError} 409 `ALREADY_EXISTS` if the number is taken.
 */
export function createPatient(tenant: TenantScope, patient: NewPatient): Promise<Patient> {
  return tenant.commit(async (tx) => {
    await requireFree(tx, patient.number);
    return patientsOf(tx).add(tx, async (columns) => {
      const sealed = await sealPatient(tx, columns.id, patient);
      return openPatient(tx, await tx.db.patient.create({ data: { ...columns, ...sealed } }));
    });
  });
}

/**
 * Changes the demographics of a patient.
 * @throws {ProblemError} 404 if the patient does not exist; 409 `ALREADY_EXISTS` if the number is taken; 409 `MERGED`.
 */
export function updatePatient(tenant: TenantScope, id: string, changes: PatientChanges): Promise<Patient> {
  return tenant.commit(async (tx) => {
    const { row } = await patientsOf(tx).change(tx, id, { fields: Object.keys(changes) }, async (before, where) => {
      requireNotMerged(before);
      if (changes.number !== undefined && changes.number !== before.number) await requireFree(tx, changes.number, id);
      const { number, name, birth, contact } = before;
      if (changes.name !== undefined) await invalidateBoards(tx, id);
      const sealed = await sealPatient(tx, id, { number, name, birth, ...contact, ...withoutMissing(changes) });
      return openPatient(tx, await tx.db.patient.update({ where, data: sealed }));
    });
    return row;
  });
}

/**
 * Merges a duplicate into a patient: everything about the duplicate becomes part of the patient. The entries of the
 * audit trail keep the id of the duplicate, and the accesses of the patient show them too.
 * @throws {ProblemError} 400 if both are the same; 404 if one does not exist; 409 `MERGED` if one is merged already.
 */
export function mergePatient(tenant: TenantScope, id: string, duplicateId: string): Promise<void> {
  if (id === duplicateId) throw invalidField('duplicateId', 'must be another patient');
  return tenant.commit(async (tx) => {
    const patients = patientsOf(tx);
    // In the order of ids, so that two merges of the same patients cannot wait for each other.
    const states = new Map<string, Patient>();
    for (const each of [id, duplicateId].sort()) states.set(each, await patients.lock(tx, each));
    for (const state of states.values()) requireNotMerged(state);
    const { row: duplicate } = await patients.change(
      tx,
      duplicateId,
      { fields: ['mergedInto'] },
      async (_before, where) => openPatient(tx, await tx.db.patient.update({ where, data: { mergedInto: id } })),
    );
    await moveRows(tx, duplicate.id, id);
    for (const each of [id, duplicateId]) {
      tx.invalidate(careTags.patient(each), careTags.access(each), careTags.records(each), careTags.accounts(each));
    }
    await tx.audit({
      action: 'patient.merged',
      entity: { type: 'patient', id },
      patientId: id,
      data: { duplicateId },
    });
  });
}

/** Invalidates the boards that show the name of a patient: those with a visit around today, in any time zone. 1 statement. */
async function invalidateBoards(tx: Transaction, patientId: string): Promise<void> {
  const now = tx.system.now();
  const startsAt = { gte: new Date(now - 2 * DAY_MS), lte: new Date(now + 2 * DAY_MS) };
  const where = { tenantId: tx.tenant, patientId, startsAt };
  const shown = await tx.db.appointment.findMany({ where, distinct: ['department'], select: { department: true } });
  for (const { department } of shown) tx.invalidate(careTags.board(department));
}

/** Moves the rows of a duplicate. Their seals stay valid: they are bound to the rows, not to the patient. */
async function moveRows(tx: Transaction, from: string, to: string): Promise<void> {
  const { db, tenant, query } = tx;
  const where = { tenantId: tenant, patientId: from };
  const select = { id: true, department: true } as const;
  for (const { id, department } of await db.appointment.findMany({ where, select })) {
    tx.invalidate(careTags.appointment(id), careTags.board(department), careTags.appointments);
  }
  for (const { id } of await db.account.findMany({ where, select: { id: true } })) tx.invalidate(careTags.account(id));
  const data = { patientId: to };
  await db.medicalRecord.updateMany({ where, data });
  await db.appointment.updateMany({ where, data });
  await db.account.updateMany({ where, data });
  await db.patientConsent.updateMany({ where, data });
  await db.breakGlass.updateMany({ where, data });
  await query(
    `INSERT INTO care_assignments (tenant_id, patient_id, user_id, valid_until, created_at)
     SELECT tenant_id, $3, user_id, valid_until, created_at FROM care_assignments
     WHERE tenant_id = $1 AND patient_id = $2 ON CONFLICT DO NOTHING`,
    [tenant, from, to],
  );
  await db.careAssignment.deleteMany({ where });
}

function requireNotMerged({ mergedInto }: Patient): void {
  if (mergedInto === null) return;
  throw new ProblemError(409, 'MERGED', 'This patient was merged into another patient', { members: { mergedInto } });
}

/** Requires that no other patient has the number, under any key. */
async function requireFree(tx: Transaction, number: string, id = ''): Promise<void> {
  const digests = await numberDigests(tx, number);
  const where = { tenantId: tx.tenant, numberDigest: { in: digests }, id: { not: id } };
  if ((await tx.db.patient.count({ where })) === 0) return;
  throw new ProblemError(409, 'ALREADY_EXISTS', 'A patient with this number already exists', {
    fields: [{ field: 'number', message: 'is taken' }],
  });
}

/** Leaves out the fields that the caller did not send. */
function withoutMissing(changes: PatientChanges): PatientChanges {
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
}
