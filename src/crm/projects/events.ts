/** The events of projects. */
import { z } from 'zod';
import { stream } from '../../platform/events/index.ts';
import { changed, nothing } from '../event-data.ts';

const member = z.object({ userId: z.string(), role: z.string() });

export const projectEvents = stream('projects', {
  distribute: false,
  events: {
    created: { schema: nothing },
    updated: { schema: changed },
    /** A change of the status, with the new status as its name. */
    planned: { schema: changed },
    active: { schema: changed },
    paused: { schema: changed },
    done: { schema: changed },
    cancelled: { schema: changed },
    'member-added': { schema: member },
    'member-changed': { schema: member },
    'member-removed': { schema: z.object({ userId: z.string() }) },
    deleted: { schema: nothing },
  },
});
