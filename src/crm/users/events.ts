/** The events of users. */
import { stream } from '../../platform/events/index.ts';
import { changed } from '../event-data.ts';

export const userEvents = stream('users', {
  distribute: false,
  events: {
    updated: { schema: changed },
    disabled: { schema: changed },
    enabled: { schema: changed },
  },
});
