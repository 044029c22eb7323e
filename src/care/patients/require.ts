/** The check of writes about a patient. */
import { lockRow, type Transaction } from '../../platform/db/index.ts';
import { notFound, ProblemError } from '../../platform/http/index.ts';

/**
 * Locks a patient until the transaction ends, so that no merge moves rows meanwhile.
 * @throws {ProblemError} 404 if the patient does not exist; 409 `MERGED` if it was merged into another one.
 */
export async function requirePatient({ db, tenant }: Transaction, id: string): Promise<void> {
  if (!(await lockRow(db, 'patients', tenant, id))) throw notFound('patient');
  const where = { tenantId_id: { tenantId: tenant, id } };
  const { mergedInto } = await db.patient.findUniqueOrThrow({ where, select: { mergedInto: true } });
  if (mergedInto === null) return;
  throw new ProblemError(409, 'MERGED', 'This patient was merged into another patient', { members: { mergedInto } });
}
