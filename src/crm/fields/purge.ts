/**
 * The job that removes the values of a deleted custom field from rows, in parts. Answers have not shown them since the
 * deletion, but a search can find a row by them until the job is done.
 */
import { z } from '@hono/zod-openapi';
import type { Transaction } from '../../platform/db/index.ts';
import { continueWith, job } from '../../platform/jobs/index.ts';
import { companyTags, contactTags, dealTags } from '../tags.ts';
import { type FieldKind, fieldKinds } from './field.ts';

const ROWS_PER_SLICE = 500;
const TAGS = { contact: contactTags.all, company: companyTags.all, deal: dealTags.all } as const;

export const purgeField = job('custom-fields.purge', {
  input: z.object({ kind: z.enum(fieldKinds), id: z.string() }),
  priority: 'low',
  async run({ kind, id }, { cursor, transaction }) {
    const done = z.int().default(0).parse(cursor);
    const removed = await transaction('purge', (tx) => purgeSlice(tx, kind, id));
    return removed < ROWS_PER_SLICE ? { rows: done + removed } : continueWith(done + removed);
  },
});

/** Removes the values of a field from some rows, and returns the number of these rows. 1 statement. */
async function purgeSlice(tx: Transaction, kind: FieldKind, id: string): Promise<number> {
  const { db, tenant } = tx;
  const removed = await {
    contact: () => db.$executeRaw`
      UPDATE contacts SET custom = custom - ${id} WHERE tenant_id = ${tenant} AND id IN (
        SELECT row_id FROM contact_values WHERE tenant_id = ${tenant} AND field_id = ${id} LIMIT ${ROWS_PER_SLICE})`,
    company: () => db.$executeRaw`
      UPDATE companies SET custom = custom - ${id} WHERE tenant_id = ${tenant} AND id IN (
        SELECT row_id FROM company_values WHERE tenant_id = ${tenant} AND field_id = ${id} LIMIT ${ROWS_PER_SLICE})`,
    deal: () => db.$executeRaw`
      UPDATE deals SET custom = custom - ${id} WHERE tenant_id = ${tenant} AND id IN (
        SELECT row_id FROM deal_values WHERE tenant_id = ${tenant} AND field_id = ${id} LIMIT ${ROWS_PER_SLICE})`,
  }[kind]();
  if (removed > 0) tx.invalidate(TAGS[kind]);
  return removed;
}
