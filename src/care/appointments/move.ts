/** Moves a visit one step, or undoes the last step. A move is one transaction with its event and its audit entry. */
import { append } from '../../platform/events/index.ts';
import { publish } from '../../platform/feeds/index.ts';
import { allows, type Caller, notFound, ProblemError, type TenantScope } from '../../platform/http/index.ts';
import { type AppointmentRow, openAppointment } from './appointment.ts';
import { appointmentEvents } from './events.ts';
import { boardFeed } from './feed.ts';
import { changeOf, type MoveName, type Status } from './flow.ts';
import { refusingOverlap } from './overlap.ts';
import type { Appointment } from './schema.ts';
import { invalidateVisit } from './tags.ts';
import { tellClinician } from './told.ts';

/**
 * Moves a visit.
 * @throws {ProblemError} 404; 403 `NOT_YOUR_APPOINTMENT` for the visit of another clinician; 409 `APPOINTMENT_MOVED` if
 * the status is not the expected one, and `MOVE_NOT_POSSIBLE` if the status does not allow the step, or it is too late
 * to undo the step. Both problems have the current status. 409 `APPOINTMENTS_OVERLAP` if an undo meets a visit that was
 * booked since.
 */
export function moveAppointment(
  { tenant, caller }: { tenant: TenantScope; caller: Caller },
  id: string,
  move: MoveName,
  expected: Status,
): Promise<Appointment> {
  return refusingOverlap(() =>
    tenant.commit(async (tx) => {
      const [state] = await tx.db.$queryRaw<(AppointmentRow & { timeZone: string })[]>`
        SELECT a.id, a.patient_id AS "patientId", a.clinician_id AS "clinicianId", a.department, a.status::text AS status,
          a.arrived_at AS "arrivedAt", a.roomed_at AS "roomedAt", a.started_at AS "startedAt",
          a.finished_at AS "finishedAt", a.ended_at AS "endedAt", a.moved_from::text AS "movedFrom",
          a.moved_at AS "movedAt", coalesce(t.time_zone, 'UTC') AS "timeZone"
        FROM appointments a JOIN tenants t ON t.id = a.tenant_id
        WHERE a.tenant_id = ${tx.tenant} AND a.id = ${id} FOR UPDATE OF a`;
      if (!state) throw notFound('appointment');
      requireOwn(caller, state.clinicianId);
      const { status: from, department, patientId } = state;
      if (from !== expected) throw refused('APPOINTMENT_MOVED', `The status is ${from}, not ${expected}`, from);
      const change = changeOf(state, move, tx.system.now());
      if (!change) throw refused('MOVE_NOT_POSSIBLE', `A visit that is ${from} has no such step now`, from);
      const where = { tenantId_id: { tenantId: tx.tenant, id } };
      const row: AppointmentRow = await tx.db.appointment.update({ where, data: change });

      invalidateVisit(tx, row);
      const { status: to, ticket } = row;
      await append(tx, appointmentEvents, id, { type: 'moved', data: { department, move, from, to } });
      publish(tx, boardFeed, { type: 'appointment.moved', department, ticket, status: to, at: tx.system.now() });
      await tellClinician(tx, row, move);
      const entity = { type: 'appointment', id };
      await tx.audit({ action: `appointment.${PAST[move]}`, entity, patientId, data: { from, to } });
      return openAppointment(tx, row, state.timeZone);
    }),
  );
}

/** The verbs of the audit trail. */
const PAST: Readonly<Record<MoveName, string>> = {
  ...{ arrive: 'arrived', room: 'roomed', start: 'started', finish: 'finished' },
  ...{ cancel: 'cancelled', miss: 'missed', leave: 'left', undo: 'undone' },
};

/** Clinicians move their own visits; reception and nurses move the visits of all clinicians. */
function requireOwn({ rights, userId }: Caller, clinicianId: string): void {
  if (userId === clinicianId || allows(rights, 'care:flow:all')) return;
  throw new ProblemError(403, 'NOT_YOUR_APPOINTMENT', 'Visits of another clinician need the right care:flow:all');
}

function refused(code: string, detail: string, status: Status): ProblemError {
  return new ProblemError(409, code, detail, { members: { current: status } });
}
