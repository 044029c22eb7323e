/** `/care/appointments` */
import { allows, createRouter, noteRead } from '../../platform/http/index.ts';
import { command, oneSchema, view } from '../../platform/rest/index.ts';
import { noteWrite, ofPatient, requireRowId, rowIn } from '../audited.ts';
import { bookAppointment } from './book.ts';
import type { MoveName } from './flow.ts';
import { moveAppointment } from './move.ts';
import { appointmentById, appointmentsOfDay, appointmentsOfPatient } from './queries.ts';
import {
  appointmentQuerySchema,
  appointmentSchema,
  appointmentsSchema,
  moveSchema,
  newAppointmentSchema,
  patientAppointmentsSchema,
} from './schema.ts';
import { isTold } from './told.ts';

export const appointmentRoutes = createRouter();

const tag = 'Appointments';
const path = '/care/appointments/{id}';

view(appointmentRoutes, {
  id: 'appointments.list',
  path: '/care/appointments',
  tag,
  summary: 'List the visits of a day',
  cost: { miss: { statements: 2 } },
  description: 'The first 500 of the day, in the order of their times.',
  access: 'care:flow:read',
  search: appointmentQuerySchema,
  answer: appointmentsSchema,
  problems: [404],
  audited: { action: 'appointments.listed', entity: 'appointment', late: true },
  prefetch(cache, _day, c) {
    const search = appointmentQuerySchema.safeParse(c.req.query());
    if (search.success) cache.prefetch(appointmentsOfDay, search.data);
  },
  async load(search, { tenant }, _day, c) {
    requireRowId('clinician', search.clinicianId);
    const found = await tenant.cache.read(appointmentsOfDay, search);
    const patients = [...new Set(found.items.map(({ patientId }) => patientId))];
    noteRead(c, { data: { patients } });
    return found;
  },
});

view(appointmentRoutes, {
  id: 'patientAppointments.list',
  path: '/care/patients/{id}/appointments',
  tag,
  summary: 'List the visits of a patient, the last ones first',
  cost: { miss: { statements: 3 } },
  description: 'At most 50.',
  access: 'care:flow:read',
  params: oneSchema,
  answer: patientAppointmentsSchema,
  missing: 'patient',
  audited: ofPatient('appointments.listed'),
  prefetch: (cache, _day, c) => cache.prefetch(appointmentsOfPatient, { patientId: c.req.param('id') ?? '' }),
  async load({ id }, { tenant }) {
    requireRowId('patient', id);
    return tenant.cache.read(appointmentsOfPatient, { patientId: id });
  },
});

command(appointmentRoutes, {
  id: 'appointments.create',
  path: '/care/appointments',
  tag,
  summary: 'Create a visit',
  cost: { requests: 4, commands: 9, statements: 10, messages: 1 },
  description: 'Visits of one clinician do not overlap (409 `APPOINTMENTS_OVERLAP`).',
  access: 'care:flow:write',
  body: newAppointmentSchema,
  answer: appointmentSchema,
  location: ({ id }) => `/care/appointments/${id}`,
  effect: 'The new visit',
  problems: [404],
  run({ body }, { tenant }, c) {
    const entity = { type: 'patient', id: body.patientId };
    noteWrite(c, { action: 'appointment.booked', entity, patientId: body.patientId });
    return bookAppointment(tenant, body);
  },
});

view(appointmentRoutes, {
  id: 'appointments.get',
  path,
  tag,
  summary: 'Get a visit',
  description: 'The reason of a visit of another clinician needs the right `care:flow:all`.',
  cost: { miss: { statements: 2 } },
  access: 'care:flow:read',
  params: oneSchema,
  answer: appointmentSchema,
  missing: 'appointment',
  audited: { action: 'appointment.read', entity: 'appointment', idOf: rowIn, late: true },
  prefetch: (cache, _day, c) => cache.prefetch(appointmentById, { id: c.req.param('id') ?? '' }),
  async load({ id }, { tenant, caller: { userId, rights } }, _day, c) {
    requireRowId('appointment', id);
    const found = await tenant.cache.read(appointmentById, { id });
    if (!found) return null;
    noteRead(c, { patientId: found.patientId });
    return found.clinicianId === userId || allows(rights, 'care:flow:all') ? found : { ...found, reason: null };
  },
});

/** The route of each move, the id of its operation, and its summary. */
const MOVES: readonly [MoveName, `appointments.${string}`, string][] = [
  ['arrive', 'appointments.markArrived', 'Mark the patient of a visit as arrived'],
  ['room', 'appointments.markRoomed', 'Mark the patient of a visit as in the room'],
  ['start', 'appointments.markStarted', 'Mark the patient of a visit as with the clinician'],
  ['finish', 'appointments.markFinished', 'Mark a visit as finished'],
  ['cancel', 'appointments.cancel', 'Cancel a visit'],
  ['miss', 'appointments.markMissed', 'Mark a visit as missed'],
  ['leave', 'appointments.markLeft', 'Mark the patient of a visit as gone before the visit'],
  ['undo', 'appointments.undo', 'Undo the last step of a visit'],
];

for (const [move, id, summary] of MOVES) {
  command(appointmentRoutes, {
    id,
    path: `${path}/${move}`,
    tag,
    summary,
    cost: isTold(move)
      ? { requests: 4, commands: 9, statements: 7, messages: 1 }
      : { requests: 4, commands: 7, statements: 6 },
    description:
      move === 'undo'
        ? 'Within ten minutes. A step that was undone is not undone again.'
        : 'Refused if the status is not the expected one (409 `APPOINTMENT_MOVED`, with `current`).',
    access: 'care:flow:move',
    params: oneSchema,
    body: moveSchema,
    answer: appointmentSchema,
    effect: 'The visit after the step',
    problems: [404],
    run({ params, body }, services, c) {
      noteWrite(c, { action: 'appointment.moved', entity: { type: 'appointment', id: params.id }, data: { move } });
      return moveAppointment(services, params.id, move, body.expected);
    },
  });
}
