/** The events of companies. */
import { stream } from '../../platform/events/index.ts';
import { changed, fileEvents, nothing } from '../event-data.ts';

export const companyEvents = stream('companies', {
  distribute: false,
  events: {
    created: { schema: nothing },
    updated: { schema: changed },
    deleted: { schema: nothing },
    ...fileEvents,
  },
});
