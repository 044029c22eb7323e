/** The API's schemas of the board. */
import { z } from '@hono/zod-openapi';
import { daySchema, idSchema, momentSchema } from '../../platform/http/index.ts';
import { statuses } from '../appointments/flow.ts';
import { departmentSchema } from '../appointments/schema.ts';

export const boardQuerySchema = z.strictObject({ department: departmentSchema });

const timeSchema = momentSchema.nullable();

/** A visit on the hallway screen: without a name. */
const calledSchema = z.object({
  ticket: z.string(),
  status: z.enum(statuses),
  startsAt: momentSchema,
  arrivedAt: timeSchema,
});

const shownSchema = calledSchema.extend({
  id: idSchema,
  patientId: idSchema,
  name: z.string(),
  clinicianId: idSchema,
  clinician: z.string(),
  roomedAt: timeSchema,
  startedAt: timeSchema,
  finishedAt: timeSchema,
  endedAt: timeSchema,
});

const figures = {
  day: daySchema.openapi({ description: 'Today in the time zone of the tenant.' }),
  timeZone: z.string().openapi({ example: 'Europe/Berlin', description: 'The time zone of the tenant.' }),
  waiting: z.int().openapi({ description: 'The patients who have arrived and are not in a room.' }),
  longestWaitMs: z.int().nullable(),
  meanDoorToRoomMs: z.int().nullable().openapi({ description: 'From arrival to room, of all patients of today.' }),
};

export const boardSchema = z.object({ ...figures, items: z.array(shownSchema) }).openapi('CareBoard');
export type Board = z.infer<typeof boardSchema>;
export type Shown = Board['items'][number];

export const hallwaySchema = z.object({ ...figures, items: z.array(calledSchema) }).openapi('HallwayBoard');
export type Hallway = z.infer<typeof hallwaySchema>;
