/** The data that events of several kinds of rows have. Events have ids and names of fields; the data is in the rows. */
import { z } from 'zod';

/** The data of an event that needs none. */
export const nothing = z.object({});
/** The data of a change: the names of the changed fields. */
export const changed = z.object({ fields: z.array(z.string()) });
