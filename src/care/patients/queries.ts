/** The cached value of a patient. It is sealed, lives short, and is never served stale or from memory. */
import { z } from '@hono/zod-openapi';
import { query } from '../../platform/cache/index.ts';
import { type DataContext, idSchema } from '../../platform/http/index.ts';
import { careTags } from '../tags.ts';
import { openPatient } from './patient.ts';
import type { Patient } from './schema.ts';

/** One patient, or `null`. */
export const patientById = query('care.patient', {
  args: z.strictObject({ id: idSchema }),
  ttl: '1m',
  sealed: true,
  tags: ({ id }: { id: string }) => [careTags.patient(id)],
  load: async ({ id }, context: DataContext): Promise<Patient | null> => {
    const where = { tenantId_id: { tenantId: context.tenant, id } };
    const row = await (await context.db()).patient.findUnique({ where });
    return row && openPatient(context, row);
  },
});
