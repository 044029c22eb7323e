/**
 * Accesses in emergencies: a user without a care relation opens the records of a patient for an hour, and others learn
 * of it at once. For restricted records a second person confirms first.
 */
import { lockRow, type Transaction } from '../../platform/db/index.ts';
import { retryAfter } from '../../platform/duration.ts';
import { notFound, ProblemError, type TenantScope } from '../../platform/http/index.ts';
import { requirePatient } from '../patients/require.ts';
import { sealColumn } from '../sealing/columns.ts';
import { careTags } from '../tags.ts';
import type { Emergency, NewEmergency, Verdict } from './schema.ts';
import { tell, tellReviewers, usersWith } from './told.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** How long the records are open. */
const OPEN_MS = HOUR_MS;
/** How long a second person has to confirm. */
const CONFIRM_MS = 10 * MINUTE_MS;
/** How long the reviewers have, in hours. */
export const REVIEW_HOURS = 72;
/** How many a user may start on a day, in UTC. */
const MOST_A_DAY = 3;
const DAY_MS = 24 * HOUR_MS;

/** The columns that answers show. */
export type EmergencyRow = Omit<Emergency, 'startedAt' | 'expiresAt' | 'isOpen'> & { startedAt: Date; expiresAt: Date };

/**
 * Opens the records of a patient for a user.
 * @throws {ProblemError} 404; 409 `NO_REVIEWER` if the tenant has no reviewer; 429 `TOO_MANY_EMERGENCIES`.
 */
export function startEmergency(
  tenant: TenantScope,
  patientId: string,
  userId: string,
  { reason, purpose, recordClass }: NewEmergency,
): Promise<Emergency> {
  return tenant.commit(async (tx) => {
    await requirePatient(tx, patientId);
    const reviewers = await usersWith(tx, 'care:break-glass:review', userId);
    if (reviewers.length === 0) {
      throw new ProblemError(409, 'NO_REVIEWER', 'No user has the right care:break-glass:review; appoint one first');
    }
    const now = tx.system.now();
    const number = await nextOfDay(tx, userId, now);
    const id = tx.system.rowId('emergency');
    const needsSecond = recordClass === 'restricted';
    const row = await tx.db.breakGlass.create({
      data: {
        ...{ tenantId: tx.tenant, id, patientId, userId, recordClass, purpose, number, day: new Date(dayOf(now)) },
        sealedReason: await sealColumn(tx, 'break_glass.sealed_reason', id, reason),
        startedAt: new Date(now),
        expiresAt: new Date(now + (needsSecond ? CONFIRM_MS : OPEN_MS)),
      },
    });
    tx.invalidate(careTags.access(patientId));
    const entity = { type: 'break-glass', id };
    await tx.audit({ action: 'break-glass.started', entity, patientId, purpose, data: { recordClass } });
    await tellReviewers(tx, reviewers, { id, hours: REVIEW_HOURS });
    if (needsSecond) {
      const approvers = await usersWith(tx, 'care:break-glass:approve', userId);
      await tell(tx, approvers, 'An access in an emergency waits for a second person', id);
    }
    return toEmergency(row, now);
  });
}

/**
 * Confirms an access to restricted records as the second person.
 * @throws {ProblemError} 404; 403 `OWN_EMERGENCY`; 409 `NOT_WAITING` if it is confirmed, too old, or needs no second person.
 */
export function confirmEmergency(tenant: TenantScope, id: string, userId: string): Promise<Emergency> {
  return tenant.commit(async (tx) => {
    const row = await lock(tx, id, userId);
    const now = tx.system.now();
    const waits = row.recordClass === 'restricted' && row.confirmedAt === null && now < row.expiresAt.getTime();
    if (!waits) throw new ProblemError(409, 'NOT_WAITING', 'This access does not wait for a second person any more');
    const data = { confirmedBy: userId, confirmedAt: new Date(now), expiresAt: new Date(now + OPEN_MS) };
    const confirmed = await tx.db.breakGlass.update({ where: { tenantId_id: { tenantId: tx.tenant, id } }, data });
    tx.invalidate(careTags.access(row.patientId));
    await audit(tx, 'confirmed', row, {});
    return toEmergency(confirmed, now);
  });
}

/**
 * Stores the judgement of a reviewer.
 * @throws {ProblemError} 404; 403 `OWN_EMERGENCY`; 409 `REVIEWED`.
 */
export function reviewEmergency(tenant: TenantScope, id: string, userId: string, verdict: Verdict): Promise<void> {
  return tenant.commit(async (tx) => {
    const row = await lock(tx, id, userId);
    if (row.reviewedAt !== null) throw new ProblemError(409, 'REVIEWED', 'This access was reviewed already');
    const now = tx.system.now();
    const where = { tenantId_id: { tenantId: tx.tenant, id } };
    const data = { reviewedBy: userId, reviewedAt: new Date(now), verdict };
    await tx.db.breakGlass.update({ where, data, select: { id: true } });
    await audit(tx, 'reviewed', row, { verdict, isLate: now > reviewBy(row.startedAt).getTime() });
  });
}

/** Returns the end of the time for a review. */
export function reviewBy(startedAt: Date): Date {
  return new Date(startedAt.getTime() + REVIEW_HOURS * HOUR_MS);
}

/** Returns the form of answers. `now` is in ms since the epoch. */
export function toEmergency(row: EmergencyRow, now: number): Emergency {
  const { id, patientId, userId, recordClass, startedAt, expiresAt, confirmedBy } = row;
  const isOpen = now < expiresAt.getTime() && (recordClass === 'normal' || confirmedBy !== null);
  const times = { startedAt: startedAt.toISOString(), expiresAt: expiresAt.toISOString() };
  return { id, patientId, userId, recordClass, ...times, confirmedBy, isOpen };
}

/** Locks an access of another user. */
async function lock(tx: Transaction, id: string, userId: string) {
  if (!(await lockRow(tx.db, 'break_glass', tx.tenant, id))) throw notFound('access');
  const row = await tx.db.breakGlass.findUniqueOrThrow({ where: { tenantId_id: { tenantId: tx.tenant, id } } });
  if (row.userId !== userId) return row;
  throw new ProblemError(403, 'OWN_EMERGENCY', 'Another person must do this');
}

function audit(tx: Transaction, verb: string, { id, patientId }: EmergencyRow, data: object): Promise<void> {
  const entity = { type: 'break-glass', id };
  return tx.audit({ action: `break-glass.${verb}`, entity, patientId, purpose: 'ETREAT', data });
}

/** Returns the number of a user's next access on this day: 1, 2, 3. Starts of one user run one after another. */
async function nextOfDay(tx: Transaction, userId: string, now: number): Promise<number> {
  await lockRow(tx.db, 'users', tx.tenant, userId);
  const day = dayOf(now);
  const started = await tx.db.breakGlass.count({ where: { tenantId: tx.tenant, userId, day: new Date(day) } });
  if (started < MOST_A_DAY) return started + 1;
  throw new ProblemError(429, 'TOO_MANY_EMERGENCIES', `You have started ${MOST_A_DAY} accesses in emergencies today`, {
    headers: retryAfter(day + DAY_MS - now),
  });
}

function dayOf(now: number): number {
  return Math.floor(now / DAY_MS) * DAY_MS;
}
