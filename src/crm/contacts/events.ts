/** The events of contacts. */
import { z } from 'zod';
import { stream } from '../../platform/events/index.ts';
import { changed, nothing } from '../event-data.ts';

export const contactEvents = stream('contacts', {
  distribute: false,
  events: {
    created: { schema: nothing },
    updated: { schema: changed },
    deleted: { schema: nothing },
    /** One import of a file; its key is the id of the import. Its contacts and companies have their own events too. */
    imported: { schema: z.object({ imported: z.string(), updated: z.string() }) },
    /** The undo of an import; its key is the id of the import. */
    importUndone: { schema: z.object({ removed: z.string(), restored: z.string() }) },
  },
});
