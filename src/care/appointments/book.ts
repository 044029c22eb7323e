/** Books a visit. Its local time is in the time zone of the tenant; the database refuses an overlap. */
import type { Transaction } from '../../platform/db/index.ts';
import { append } from '../../platform/events/index.ts';
import { publish } from '../../platform/feeds/index.ts';
import { invalidField, ProblemError, type TenantScope } from '../../platform/http/index.ts';
import { momentsOf } from '../../platform/rest/index.ts';
import { requirePatient } from '../patients/require.ts';
import { sealColumn } from '../sealing/columns.ts';
import { type AppointmentRow, openAppointment } from './appointment.ts';
import { appointmentEvents } from './events.ts';
import { boardFeed } from './feed.ts';
import { refusingOverlap } from './overlap.ts';
import type { Appointment, NewAppointment } from './schema.ts';
import { invalidateVisit } from './tags.ts';
import { tellClinician } from './told.ts';

/**
 * Books a visit.
 * @throws {ProblemError} 404 for an unknown patient; 409 `NO_SUCH_REFERENCE` for a user who is not a clinician; 409
 * `APPOINTMENTS_OVERLAP`; 400 for a local time that the clocks skip.
 */
export function bookAppointment(tenant: TenantScope, booking: NewAppointment): Promise<Appointment> {
  const { patientId, clinicianId, department, minutes, reason } = booking;
  return refusingOverlap(() =>
    tenant.commit(async (tx) => {
      await requirePatient(tx, patientId);
      await requireClinician(tx, clinicianId);
      const settings = await tx.db.tenant.findUniqueOrThrow({ where: { id: tx.tenant }, select: { timeZone: true } });
      const timeZone = settings.timeZone ?? 'UTC';
      const startsAt = momentOf(timeZone, booking);
      const id = tx.system.rowId('appointment');
      const row: AppointmentRow = await tx.db.appointment.create({
        data: {
          ...{ tenantId: tx.tenant, id, patientId, clinicianId, department, startsAt, ticket: ticketOf(id) },
          endsAt: new Date(startsAt.getTime() + minutes * 60_000),
          sealedReason: reason === undefined ? null : await sealColumn(tx, 'appointments.sealed_reason', id, reason),
          createdAt: new Date(tx.system.now()),
        },
      });
      invalidateVisit(tx, row);
      await append(tx, appointmentEvents, id, { type: 'booked', data: { department } });
      publish(tx, boardFeed, {
        ...{ type: 'appointment.booked', department, ticket: row.ticket, status: row.status },
        at: tx.system.now(),
      });
      await tellClinician(tx, row, 'book');
      const data = { clinicianId, department };
      await tx.audit({ action: 'appointment.booked', entity: { type: 'appointment', id }, patientId, data });
      return openAppointment(tx, row, timeZone);
    }),
  );
}

/** Returns the moment of a local time. */
function momentOf(timeZone: string, { start, repeated }: NewAppointment): Date {
  const [first, second] = momentsOf(timeZone, start);
  if (first === undefined) throw invalidField('start', `does not exist in ${timeZone}: the clocks skip this time`);
  if (repeated === 'second' && second === undefined) {
    throw invalidField('repeated', `must be left out: the clocks in ${timeZone} show this time once`);
  }
  return new Date(repeated === 'second' && second !== undefined ? second : first);
}

/** Returns the code of a visit for the hallway screen: random letters of its id, without a hint at the patient. */
function ticketOf(id: string): string {
  return id.slice(-5);
}

async function requireClinician({ db, tenant }: Transaction, id: string): Promise<void> {
  if ((await db.user.count({ where: { tenantId: tenant, id, role: 'clinician', disabledAt: null } })) > 0) return;
  throw new ProblemError(409, 'NO_SUCH_REFERENCE', 'The request refers to a clinician who does not exist', {
    fields: [{ field: 'clinicianId', message: 'is no clinician' }],
  });
}
