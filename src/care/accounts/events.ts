/** The events of the ledger. They name accounts and no amounts. */
import { z } from 'zod';
import { stream } from '../../platform/events/index.ts';

export const ledgerEvents = stream('ledger', {
  distribute: false,
  events: {
    /** The key is the transaction. */
    posted: { schema: z.object({ kind: z.string(), accounts: z.array(z.string()) }) },
  },
});
