/** The tags of the values that a visit changes. */
import type { Transaction } from '../../platform/db/index.ts';
import { careTags } from '../tags.ts';

/** Invalidates a visit, its board and its day, and the relation of the clinician to the patient. */
export function invalidateVisit(
  { invalidate }: Pick<Transaction, 'invalidate'>,
  { id, patientId, department }: { id: string; patientId: string; department: string },
): void {
  invalidate(careTags.appointment(id), careTags.board(department), careTags.appointments, careTags.access(patientId));
}
