/** The refusal of the database for visits of one clinician that overlap. */
import { ProblemError } from '../../platform/http/index.ts';
import { toDatabaseError } from '../../platform/sql/index.ts';

/** PostgreSQL: exclusion_violation. */
const EXCLUDED = '23P01';

/**
 * Runs a write.
 * @throws {ProblemError} 409 `APPOINTMENTS_OVERLAP` if the clinician has another visit at the time.
 */
export async function refusingOverlap<Value>(write: () => Promise<Value>): Promise<Value> {
  try {
    return await write();
  } catch (error) {
    if (toDatabaseError(error)?.sqlState !== EXCLUDED) throw error;
    throw new ProblemError(409, 'APPOINTMENTS_OVERLAP', 'The clinician has another visit at this time');
  }
}
