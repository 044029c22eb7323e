/** The API's schemas of visits. */
import { z } from '@hono/zod-openapi';
import { daySchema, idSchema, momentSchema, noteSchema, textSchema } from '../../platform/http/index.ts';
import { statuses } from './flow.ts';

const statusSchema = z.enum(statuses);
const timeSchema = momentSchema.nullable();
export const departmentSchema = textSchema(80).openapi({ example: 'General practice' });

/** A visit in lists: with ids only. */
export const listedAppointmentSchema = z
  .object({
    id: idSchema,
    patientId: idSchema,
    clinicianId: idSchema,
    department: z.string(),
    status: statusSchema,
    ticket: z.string().openapi({ example: 'K4T9', description: 'The code by which the hallway screen calls.' }),
    startsAt: momentSchema,
    endsAt: momentSchema,
    localStart: z.string().openapi({ example: '2026-03-30T09:30', description: 'In the time zone of the tenant.' }),
  })
  .openapi('ListedAppointment');
export type ListedAppointment = z.infer<typeof listedAppointmentSchema>;

export const appointmentSchema = listedAppointmentSchema
  .extend({
    arrivedAt: timeSchema,
    roomedAt: timeSchema,
    startedAt: timeSchema,
    finishedAt: timeSchema,
    endedAt: timeSchema.openapi({ description: 'When the visit was cancelled or missed, or the patient left.' }),
    undoUntil: timeSchema.openapi({ description: 'How long the last step can be undone.' }),
    reason: z.string().nullable(),
  })
  .openapi('Appointment');
export type Appointment = z.infer<typeof appointmentSchema>;

export const appointmentsSchema = z
  .object({
    items: z.array(listedAppointmentSchema),
    hasMore: z.boolean().openapi({ description: 'Whether the day has more visits than the list: name a clinician.' }),
  })
  .openapi('Appointments');

export const patientAppointmentsSchema = z
  .object({
    items: z.array(listedAppointmentSchema),
    hasMore: z.boolean().openapi({ description: 'Whether the patient has more visits than the list.' }),
  })
  .openapi('PatientAppointments');
export type PatientAppointments = z.infer<typeof patientAppointmentsSchema>;

export const appointmentQuerySchema = z.strictObject({
  day: daySchema.openapi({ description: 'A day in the time zone of the tenant.' }),
  department: departmentSchema.optional(),
  clinicianId: idSchema.optional(),
});

export const newAppointmentSchema = z
  .strictObject({
    patientId: idSchema,
    clinicianId: idSchema,
    department: departmentSchema,
    start: z
      .string()
      .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d$/, 'must be a local time, such as 2026-03-30T09:30')
      .refine((text) => new Date(`${text}Z`).toJSON()?.startsWith(text) === true, 'must be a time of the calendar')
      .openapi({ example: '2026-03-30T09:30', description: 'The local time, in the time zone of the tenant.' }),
    repeated: z.enum(['first', 'second']).optional().openapi({
      description: 'Which one, for a local time that the clocks show twice on that day. Default: the first.',
    }),
    minutes: z.int().min(5).max(480).openapi({ example: 20 }),
    reason: noteSchema(500).optional(),
  })
  .openapi('NewAppointment');
export type NewAppointment = z.infer<typeof newAppointmentSchema>;

export const moveSchema = z
  .strictObject({
    expected: statusSchema.openapi({
      description: 'The status that the caller sees. Another one is answered with 409.',
    }),
  })
  .openapi('AppointmentMove');
