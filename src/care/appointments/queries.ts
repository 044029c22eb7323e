/** The cached values of visits. They are sealed, live shortly, and are never served stale or from memory. */
import { z } from '@hono/zod-openapi';
import { query } from '../../platform/cache/index.ts';
import { type DataContext, idSchema } from '../../platform/http/index.ts';
import { addDays, startOfDay } from '../../platform/rest/index.ts';
import { careTags } from '../tags.ts';
import { LISTED, openAppointment, toListed } from './appointment.ts';
import type { Appointment } from './schema.ts';

const sealed = { ttl: '1m', sealed: true } as const;
/** The most visits of a list. */
const MOST_LISTED = 500;
/** The most visits of one patient in a list. */
const MOST_OF_PATIENT = 50;

/** One visit, or `null`. */
export const appointmentById = query('care.appointment', {
  ...sealed,
  args: z.strictObject({ id: idSchema }),
  tags: ({ id }: { id: string }) => [careTags.appointment(id)],
  load: async ({ id }, context: DataContext): Promise<Appointment | null> => {
    const where = { tenantId_id: { tenantId: context.tenant, id } };
    const include = { tenant: { select: { timeZone: true } } };
    const row = await (await context.db()).appointment.findUnique({ where, include });
    return row && openAppointment(context, row, row.tenant.timeZone ?? 'UTC');
  },
});

type Day = { day: string; department?: string | undefined; clinicianId?: string | undefined };

/** The visits of a day in the time zone of the tenant, in the order of their times. 2 statements. */
export const appointmentsOfDay = query('care.appointments', {
  ...sealed,
  args: z.strictObject({ day: z.string(), department: z.string().optional(), clinicianId: idSchema.optional() }),
  tags: ({ department }: Day) => [department === undefined ? careTags.appointments : careTags.board(department)],
  load: async ({ day, department, clinicianId }, { tenant, db }: DataContext) => {
    const client = await db();
    const settings = await client.tenant.findUniqueOrThrow({ where: { id: tenant }, select: { timeZone: true } });
    const timeZone = settings.timeZone ?? 'UTC';
    const [from, to] = [day, addDays(day, 1)].map((each) => new Date(startOfDay(each, timeZone)));
    const rows = await client.appointment.findMany({
      where: {
        tenantId: tenant,
        startsAt: { gte: from, lt: to } as { gte: Date; lt: Date }, // Both days were mapped above.
        ...(department === undefined ? {} : { department }),
        ...(clinicianId === undefined ? {} : { clinicianId }),
      },
      select: LISTED,
      orderBy: [{ startsAt: 'asc' }, { id: 'asc' }],
      take: MOST_LISTED + 1,
    });
    const items = rows.slice(0, MOST_LISTED).map((row) => toListed(row, timeZone));
    return { items, hasMore: rows.length > MOST_LISTED };
  },
});

/** The visits of a patient, the last ones first; `null` if the patient does not exist. 2 statements. */
export const appointmentsOfPatient = query('care.patient-appointments', {
  ...sealed,
  args: z.strictObject({ patientId: idSchema }),
  // Each booking and each move invalidates the cached value that decides who may see the patient's records.
  tags: ({ patientId }: { patientId: string }) => [careTags.access(patientId)],
  load: async ({ patientId }, { tenant, db }: DataContext) => {
    const client = await db();
    const patient = await client.patient.findUnique({
      where: { tenantId_id: { tenantId: tenant, id: patientId } },
      select: { tenant: { select: { timeZone: true } } },
    });
    if (!patient) return null;
    const rows = await client.appointment.findMany({
      where: { tenantId: tenant, patientId },
      select: LISTED,
      orderBy: [{ startsAt: 'desc' }, { id: 'desc' }],
      take: MOST_OF_PATIENT + 1,
    });
    const items = rows.slice(0, MOST_OF_PATIENT).map((row) => toListed(row, patient.tenant.timeZone ?? 'UTC'));
    return { items, hasMore: rows.length > MOST_OF_PATIENT };
  },
});
