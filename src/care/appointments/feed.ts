/** The live updates of visits. They have the codes of tickets, and neither names nor ids of patients. */
import { z } from 'zod';
import { feed } from '../../platform/feeds/index.ts';
import { statuses } from './flow.ts';

export const boardFeed = feed('care-board', {
  audience: 'tenant',
  access: 'care:flow:hallway',
  event: z.object({
    type: z.enum(['appointment.booked', 'appointment.moved']),
    department: z.string(),
    ticket: z.string(),
    status: z.enum(statuses),
    at: z.number(),
  }),
  description: 'visits that were booked or have moved, by the code of their ticket',
});
