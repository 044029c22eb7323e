/** The data that events of several kinds of rows have. Events have ids and names of fields; the data is in the rows. */
import { z } from 'zod';

/** The data of an event that needs none. */
export const nothing = z.object({});
/** The events of a whole file; their key is the id of the import. The records of the file have their own events too. */
const fileEvents = {
  /** One import of a file. */
  imported: { schema: z.object({ imported: z.string(), updated: z.string() }) },
  /** The undo of an import. */
  importUndone: { schema: z.object({ removed: z.string(), restored: z.string() }) },
};
/** The data of a change: the names of the changed fields. */
export const changed = z.object({ fields: z.array(z.string()) });
/** The events of rows that can come from files. */
export const importableEvents = {
  created: { schema: nothing },
  updated: { schema: changed },
  deleted: { schema: nothing },
  ...fileEvents,
};
