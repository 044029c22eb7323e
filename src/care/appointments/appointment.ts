/** Converts a visit from its row to the form of answers. */
import { localTimeIn } from '../../platform/rest/index.ts';
import { openColumn, type Sealing } from '../sealing/columns.ts';
import { type FlowState, UNDO_MS } from './flow.ts';
import type { Appointment, ListedAppointment } from './schema.ts';

/** The columns of a visit in lists. */
export interface ListedRow {
  id: string;
  patientId: string;
  clinicianId: string;
  department: string;
  status: ListedAppointment['status'];
  ticket: string;
  startsAt: Date;
  endsAt: Date;
}

export const LISTED = {
  ...({ id: true, patientId: true, clinicianId: true, department: true, status: true, ticket: true } as const),
  ...({ startsAt: true, endsAt: true } as const),
};

/** The columns of a visit. */
export type AppointmentRow = ListedRow & FlowState & { sealedReason: string | null };

export function toListed({ startsAt, endsAt, ...row }: ListedRow, timeZone: string): ListedAppointment {
  return {
    ...{ id: row.id, patientId: row.patientId, clinicianId: row.clinicianId, department: row.department },
    ...{ status: row.status, ticket: row.ticket },
    ...{ startsAt: startsAt.toISOString(), endsAt: endsAt.toISOString() },
    localStart: localTimeIn(timeZone, startsAt.getTime()),
  };
}

/** Opens a row. */
export async function openAppointment(services: Sealing, row: AppointmentRow, timeZone: string): Promise<Appointment> {
  const { id, sealedReason, movedFrom, movedAt } = row;
  const text = (time: Date | null) => time?.toISOString() ?? null;
  return {
    ...toListed(row, timeZone),
    ...{ arrivedAt: text(row.arrivedAt), roomedAt: text(row.roomedAt), startedAt: text(row.startedAt) },
    ...{ finishedAt: text(row.finishedAt), endedAt: text(row.endedAt) },
    undoUntil: movedFrom === null || movedAt === null ? null : new Date(movedAt.getTime() + UNDO_MS).toISOString(),
    reason: sealedReason === null ? null : await openColumn(services, 'appointments.sealed_reason', id, sealedReason),
  };
}
