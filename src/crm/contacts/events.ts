/** The events of contacts. */
import { stream } from '../../platform/events/index.ts';
import { changed, fileEvents, nothing } from '../event-data.ts';

export const contactEvents = stream('contacts', {
  distribute: false,
  events: {
    created: { schema: nothing },
    updated: { schema: changed },
    deleted: { schema: nothing },
    ...fileEvents,
  },
});
