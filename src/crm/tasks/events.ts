/** The events of tasks. */
import { stream } from '../../platform/events/index.ts';
import { changed, nothing } from '../event-data.ts';

export const taskEvents = stream('tasks', {
  distribute: false,
  events: {
    created: { schema: nothing },
    updated: { schema: changed },
    completed: { schema: changed },
    deleted: { schema: nothing },
  },
});
