/** The events of visits. They name no patient. */
import { z } from 'zod';
import { stream } from '../../platform/events/index.ts';
import { statuses } from './flow.ts';

const status = z.enum(statuses);

export const appointmentEvents = stream('appointments', {
  distribute: false,
  events: {
    booked: { schema: z.object({ department: z.string() }) },
    moved: { schema: z.object({ department: z.string(), move: z.string(), from: status, to: status }) },
  },
});
