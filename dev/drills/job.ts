/** The job of a drill: its effect is a row, so that a drill sees whether it ran, and how often. */
import { z } from 'zod';
import { job } from '../../src/platform/jobs/index.ts';

/** The title of the row. */
export const EFFECT = 'Row of a drill';

/** Writes one row. Each run would write another one, if the transaction did not remember that it was applied. */
export const drillJob = job('drill.effect', {
  input: z.object({ title: z.string() }),
  run: ({ title }, { transaction }) =>
    transaction('effect', async ({ db, tenant, system }) => {
      const row = { tenantId: tenant, id: system.rowId('deal'), title, value: 1 };
      await db.deal.create({ data: row });
      return row.id;
    }),
});
