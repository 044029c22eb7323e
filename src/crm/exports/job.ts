/**
 * The job that exports contacts to a file, one part per slice. The contacts are in the order of their ids, so no
 * contact is skipped or repeated.
 */
import { z } from '@hono/zod-openapi';
import type { Transaction } from '../../platform/db/index.ts';
import { cancel, continueWith, job } from '../../platform/jobs/index.ts';
import { csvRow } from '../../platform/rest/index.ts';
import { matching } from '../contacts/queries.ts';
import { contactFilterSchema } from '../contacts/schema.ts';

const ROWS_PER_SLICE = 1000;
/** The maximum number of contacts in one file, so that the file fits into an isolate. */
export const MOST_EXPORTED = 100_000;
/** The first line of a file. Excel needs the byte order mark to read UTF-8. Imports recognise these column names. */
const HEADER = `\uFEFF${csvRow(['Name', 'E-mail', 'Phone', 'Job title', 'Company', 'Owner', 'Created at', 'Id'])}`;

const cursorSchema = z.object({ seq: z.int(), after: z.string() });
const first = { seq: 0, after: '' };
const named = { select: { name: true } } as const;

export const exportContacts = job('contacts.export', {
  input: z.object({ exportId: z.string() }),
  concurrency: 10,
  live: true,
  async run({ exportId }, { cursor, transaction, progress }) {
    const from = cursor === undefined ? first : cursorSchema.parse(cursor);
    const part = await transaction('rows', (tx) => exportPart(tx, exportId, from));
    if (!part) return cancel('EXPORT_GONE');
    await progress({ rows: part.rows });
    return part.after === null ? { rows: part.rows } : continueWith({ seq: from.seq + 1, after: part.after });
  },
});

/** Deletes an exported file. The job runs a week after the export. */
export const forgetExport = job('contacts.export.forget', {
  input: z.object({ exportId: z.string() }),
  priority: 'low',
  run: ({ exportId }, { transaction, tenant }) =>
    transaction('forget', async ({ db }) => {
      return (await db.export.deleteMany({ where: { tenantId: tenant.tenant, id: exportId } })).count;
    }),
});

/**
 * Writes one part: the contacts whose ids come after `after`. Returns the last id of the part as the new `after`;
 * `null` after the last part.
 */
async function exportPart(
  { db, tenant, system }: Transaction,
  id: string,
  { seq, after }: typeof first,
): Promise<{ rows: number; after: string | null } | null> {
  const where = { tenantId_id: { tenantId: tenant, id } };
  const found = await db.export.findUnique({ where });
  if (!found) return null;
  const contacts = await db.contact.findMany({
    where: { tenantId: tenant, ...matching(contactFilterSchema.parse(found.filter)), id: { gt: after } },
    orderBy: { id: 'asc' },
    take: Math.min(ROWS_PER_SLICE, MOST_EXPORTED - found.rows),
    include: { company: named, owner: named },
  });
  const lines = contacts.map(({ name, email, phone, jobTitle, company, owner, createdAt, ...row }) =>
    csvRow([name, email, phone, jobTitle, company?.name ?? '', owner?.name ?? '', createdAt.toISOString(), row.id]),
  );
  const rows = found.rows + contacts.length;
  const isLast = contacts.length < ROWS_PER_SLICE || rows >= MOST_EXPORTED;
  await db.exportChunk.create({
    data: { tenantId: tenant, exportId: id, seq, text: `${seq === 0 ? HEADER : ''}${lines.join('')}` },
    select: { seq: true },
  });
  const end = isLast ? { status: 'done' as const, finishedAt: new Date(system.now()) } : { status: 'running' as const };
  await db.export.update({ where, data: { rows, ...end } });
  return { rows, after: isLast ? null : (contacts.at(-1)?.id ?? null) };
}
