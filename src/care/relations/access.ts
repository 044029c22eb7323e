/**
 * All that decides who may see the records of a patient: visits, assignments, consents, and accesses in emergencies. It
 * is one cached value of each patient for all callers, so it is looked up together with the caller's credentials. Times
 * are compared when a caller asks, so a relation ends at its moment, not when the value is loaded again.
 */
import { z } from '@hono/zod-openapi';
import { userTags } from '../../identity/index.ts';
import { query } from '../../platform/cache/index.ts';
import { type DataContext, idSchema } from '../../platform/http/index.ts';
import { careTags } from '../tags.ts';

/** How long before and after a visit its clinician cares for the patient, in ms: 30 days. */
export const RELATION_MS = 30 * 86_400_000;
/** How long before and after a visit the nurses of its department care for the patient, in ms: 7 days. */
export const DEPARTMENT_MS = 7 * 86_400_000;
/** The value is fresh for a minute, so the visits of one more day are loaded. */
const LOADED_MS = RELATION_MS + 86_400_000;
const LOADED_OF_DEPARTMENT_MS = DEPARTMENT_MS + 86_400_000;

/** The classes of records. */
export const recordClasses = ['normal', 'restricted'] as const;
export type RecordClass = (typeof recordClasses)[number];

/** The facts that decide who may see a patient's records. All times are in ms since the epoch. */
export interface PatientAccess {
  mergedInto: string | null;
  visits: { userId: string; at: number }[];
  /** The visits of the patient, each with the nurses of its department. */
  departments: { userIds: string[]; at: number }[];
  assignments: { userId: string; until: number | null }[];
  consents: {
    userId: string | null;
    decision: 'permit' | 'deny';
    recordClass: RecordClass;
    from: number;
    until: number | null;
  }[];
  /** Accesses in emergencies. One for restricted records counts only if a second person has confirmed it. */
  emergencies: { id: string; userId: string; recordClass: RecordClass; until: number; isConfirmed: boolean }[];
}

/** The facts that decide who may see a patient's records; `null` if the patient does not exist. 1 statement. */
export const accessOfPatient = query('care.access', {
  args: z.strictObject({ patientId: idSchema }),
  ttl: '1m',
  sealed: true,
  tags: ({ patientId }: { patientId: string }) => [careTags.access(patientId), careTags.staff, userTags.all],
  load: async ({ patientId }, { tenant, db, now }: DataContext): Promise<PatientAccess | null> => {
    const at = now();
    const from = new Date(at - LOADED_MS);
    const to = new Date(at + LOADED_MS);
    const [fromDepartment, toDepartment] = [
      new Date(at - LOADED_OF_DEPARTMENT_MS),
      new Date(at + LOADED_OF_DEPARTMENT_MS),
    ];
    const [row] = await (await db()).$queryRaw<PatientAccess[]>`
      SELECT merged_into AS "mergedInto",
        (SELECT coalesce(jsonb_agg(jsonb_build_object('userId', clinician_id, 'at', extract(epoch FROM starts_at) * 1000)), '[]')
         FROM appointments a WHERE a.tenant_id = p.tenant_id AND a.patient_id = p.id
           AND a.starts_at BETWEEN ${from} AND ${to} AND a.status <> 'cancelled') AS visits,
        (SELECT coalesce(jsonb_agg(jsonb_build_object('userIds', m.user_ids, 'at', extract(epoch FROM a.starts_at) * 1000)), '[]')
         FROM appointments a CROSS JOIN LATERAL (
           SELECT jsonb_agg(user_id ORDER BY user_id) AS user_ids FROM department_members d
           WHERE d.tenant_id = a.tenant_id AND d.department = a.department) m
         WHERE a.tenant_id = p.tenant_id AND a.patient_id = p.id AND m.user_ids IS NOT NULL
           AND a.starts_at BETWEEN ${fromDepartment} AND ${toDepartment} AND a.status <> 'cancelled') AS departments,
        (SELECT coalesce(jsonb_agg(jsonb_build_object('userId', user_id, 'until', extract(epoch FROM valid_until) * 1000)), '[]')
         FROM care_assignments a WHERE a.tenant_id = p.tenant_id AND a.patient_id = p.id) AS assignments,
        (SELECT coalesce(jsonb_agg(jsonb_build_object('userId', user_id, 'decision', decision, 'recordClass', record_class,
           'from', extract(epoch FROM valid_from) * 1000, 'until', extract(epoch FROM valid_until) * 1000)), '[]')
         FROM patient_consents c WHERE c.tenant_id = p.tenant_id AND c.patient_id = p.id
           AND (c.valid_until IS NULL OR c.valid_until > ${new Date(at)})) AS consents,
        (SELECT coalesce(jsonb_agg(jsonb_build_object('id', id, 'userId', user_id, 'recordClass', record_class,
           'until', extract(epoch FROM coalesce(ended_at, expires_at)) * 1000, 'isConfirmed', confirmed_at IS NOT NULL)), '[]')
         FROM break_glass b WHERE b.tenant_id = p.tenant_id AND b.patient_id = p.id
           AND b.expires_at > ${new Date(at)}) AS emergencies
      FROM patients p WHERE p.tenant_id = ${tenant} AND p.id = ${patientId}`;
    return row ?? null;
  },
});
