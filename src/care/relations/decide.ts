/**
 * Decides whether a user may see records of a patient. The patient's consent comes first: a denial is stronger than a
 * care relation, and an access in an emergency is stronger than a denial. Restricted records need a permission of the
 * patient beside the relation; in an emergency they need a second person.
 */
import { DEPARTMENT_MS, type PatientAccess, RELATION_MS, type RecordClass } from './access.ts';

/** Why a user may see a record. */
export type Ground = 'relation' | 'authorship' | 'emergency';

/** The codes of refusals. */
export type Refusal = 'NO_CARE_RELATION' | 'CONSENT_DENIED' | 'RECORD_RESTRICTED';

export type Decision = { allowed: true; ground: Ground; emergencyId?: string } | { allowed: false; code: Refusal };

/** The question: a user, the class of a record, and whether the user wrote a version of the record. */
export interface Question {
  userId: string;
  /** Whether the user cares for the patients of the user's own departments, as nurses do. */
  isNurse?: boolean;
  recordClass: RecordClass;
  isAuthor?: boolean;
}

/** Answers the question at a time in ms since the epoch. */
export function decide(access: PatientAccess, question: Question, now: number): Decision {
  const { userId, recordClass, isAuthor = false, isNurse = false } = question;
  const emergency = emergencyOf(access, userId, recordClass, now);
  if (emergency) return { allowed: true, ground: 'emergency', emergencyId: emergency.id };
  const consent = consentOf(access, userId, recordClass, now);
  if (consent === 'deny') return { allowed: false, code: 'CONSENT_DENIED' };
  if (isAuthor) return { allowed: true, ground: 'authorship' };
  if (!isRelated(access, { userId, isNurse }, now)) return { allowed: false, code: 'NO_CARE_RELATION' };
  if (recordClass === 'restricted' && consent !== 'permit') return { allowed: false, code: 'RECORD_RESTRICTED' };
  return { allowed: true, ground: 'relation' };
}

/**
 * Returns whether the user has a visit of the patient within 30 days, is assigned to the patient, or is a nurse of a
 * department in which the patient has a visit within 7 days.
 */
export function isRelated(
  // A value that an earlier release has cached has no departments.
  { visits, assignments, departments = [] }: PatientAccess,
  { userId, isNurse = false }: Pick<Question, 'userId' | 'isNurse'>,
  now: number,
): boolean {
  return (
    visits.some((visit) => visit.userId === userId && Math.abs(visit.at - now) <= RELATION_MS) ||
    assignments.some((each) => each.userId === userId && isBefore(now, each.until)) ||
    (isNurse && departments.some(({ userIds, at }) => userIds.includes(userId) && Math.abs(at - now) <= DEPARTMENT_MS))
  );
}

/** Returns until when an access of the user in an emergency is open, in ms since the epoch; `null` without one. */
export function emergencyUntil({ emergencies }: PatientAccess, userId: string, now: number): number | null {
  const open = emergencies.filter(
    (each) => each.userId === userId && now < each.until && (each.recordClass === 'normal' || each.isConfirmed),
  );
  return open.length === 0 ? null : Math.max(...open.map(({ until }) => until));
}

/** Returns the user's access in an emergency to this class. One for restricted records opens normal records too. */
function emergencyOf({ emergencies }: PatientAccess, userId: string, recordClass: RecordClass, now: number) {
  return emergencies.find(
    (each) =>
      each.userId === userId &&
      now < each.until &&
      (each.recordClass === 'normal' ? recordClass === 'normal' : each.isConfirmed),
  );
}

/** Returns the decision of the patient. One about the user is stronger than one about everyone, and a denial wins. */
function consentOf({ consents }: PatientAccess, userId: string, recordClass: RecordClass, now: number) {
  const valid = consents.filter(
    (each) => each.recordClass === recordClass && each.from <= now && isBefore(now, each.until),
  );
  for (const about of [userId, null]) {
    const decisions = valid.filter((each) => each.userId === about).map(({ decision }) => decision);
    if (decisions.length > 0) return decisions.includes('deny') ? 'deny' : 'permit';
  }
  return null;
}

function isBefore(now: number, until: number | null): boolean {
  return until === null || now < until;
}
