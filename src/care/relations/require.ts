/** The check of every route with records of a patient. */
import { allows, notFound, ProblemError } from '../../platform/http/index.ts';
import type { Services } from '../../platform/rest/index.ts';
import { accessOfPatient, type PatientAccess, type RecordClass } from './access.ts';
import { type Decision, decide, emergencyUntil, isRelated, type Question, type Refusal } from './decide.ts';

const DETAILS: Readonly<Record<Refusal, string>> = {
  NO_CARE_RELATION:
    'You have no visit with this patient within 30 days, and neither you nor your department cares for the patient',
  CONSENT_DENIED: 'The patient has denied you these records',
  RECORD_RESTRICTED: 'This record is restricted, and the patient has not permitted you to see it',
};

/** A question about a record, without the user. */
type RecordQuestion = Omit<Question, 'userId' | 'isNurse'>;

/** The records of a patient, as a caller may see them. */
export interface RecordsAccess {
  userId: string;
  /** Decides about a record of a class. */
  about(record: RecordQuestion): Decision;
  /** Refuses a record that the caller may not see. */
  require(record: RecordQuestion): Extract<Decision, { allowed: true }>;
  /** Until when an access of the caller in an emergency is open, in ms since the epoch; `null` without one. */
  emergencyUntil: number | null;
  /** Whether the caller has a visit or an assignment. */
  isRelated: boolean;
}

/**
 * Looks up what the caller may see of a patient's records. The route must prefetch `accessOfPatient`.
 * @throws {ProblemError} 403 `NOT_A_PERSON` for an API key; 404 if the patient does not exist.
 */
export async function recordsOf({ tenant, caller, scope }: Services, patientId: string): Promise<RecordsAccess> {
  const { userId, rights } = caller;
  if (userId === null) throw new ProblemError(403, 'NOT_A_PERSON', 'Records are for people; sign in as a user');
  const found = await tenant.cache.read(accessOfPatient, { patientId });
  if (!found || found.mergedInto !== null) throw notFound('patient');
  // An access in an emergency ends with the right to start one.
  const access = allows(rights, 'care:break-glass') ? found : { ...found, emergencies: [] };
  const now = scope.system.now();
  // Clinicians see records of every kind, and only those of their own patients.
  const isNurse = !allows(rights, 'care:records:all');
  const about = (record: RecordQuestion) => decide(access, { ...record, userId, isNurse }, now);
  return {
    userId,
    about,
    require(record) {
      const decision = about(record);
      if (decision.allowed) return decision;
      const canBreakGlass = allows(rights, 'care:break-glass');
      throw refusal(decision.code, canBreakGlass, record.recordClass);
    },
    emergencyUntil: emergencyUntil(access, userId, now),
    isRelated: isRelated(access, { userId, isNurse }, now),
  };
}

/** Only callers who may start an access in an emergency learn the class of the record, because they must ask for it. */
function refusal(code: Refusal, canBreakGlass: boolean, recordClass: RecordClass): ProblemError {
  const members = { canBreakGlass, ...(canBreakGlass ? { recordClass } : {}) };
  return new ProblemError(403, code, DETAILS[code], { members });
}

export type { PatientAccess };
