/** `/imports/{id}/…`: a file in parts, and its rejected rows. */
import { z } from '@hono/zod-openapi';
import { lockRow, type Transaction } from '../../platform/db/index.ts';
import {
  createRouter,
  invalidField,
  notFound,
  ProblemError,
  streamed,
  type TenantScope,
} from '../../platform/http/index.ts';
import { command, oneSchema, view } from '../../platform/rest/index.ts';
import { readingFile, toImport } from './answer.ts';
import { readBody } from './body.ts';
import { startUpload, storePieces } from './create.ts';
import type { Mapping } from './mapping.ts';
import type { FilePlan } from './read/plan.ts';
import { rejectedHeader } from './rejection.ts';
import { tag } from './routes.ts';
import { importSchema, partFileSchema, partParameters } from './schema.ts';

export const uploadRoutes = createRouter();

const one = { tag, access: 'crm:write', answer: importSchema, params: oneSchema } as const;

command(uploadRoutes, {
  ...one,
  id: 'imports.savePart',
  method: 'put',
  path: '/imports/{id}/parts/{part}',
  summary: 'Send a part of a file',
  cost: { statements: 4 },
  description:
    'A part may be sent again and replaces the earlier one. The file is its parts in the order of their numbers.',
  params: partParameters,
  body: partFileSchema,
  mediaType: 'text/csv',
  effect: 'The import',
  problems: [404, 409, 413],
  async run({ params: { id, part } }, { tenant }, c) {
    const body = await readBody(c);
    const row = await tenant.commit(async (tx) => {
      const stored = await lockUpload(tx, id);
      if (part > (stored.parts ?? 0)) {
        throw invalidField('part', `must be at most ${stored.parts}, the announced number of parts`);
      }
      await storePieces(tx, id, part, body);
      return stored;
    });
    return toImport(row, 'uploading');
  },
});

command(uploadRoutes, {
  ...one,
  id: 'imports.start',
  path: '/imports/{id}/start',
  summary: 'Start the import of a file whose parts have been sent',
  cost: { requests: 2, commands: 4, statements: 9, messages: 1 },
  status: 202,
  effect: 'The import',
  problems: [404],
  run: ({ params: { id } }, { tenant }) =>
    readingFile(async () => {
      const row = await tenant.commit(async (tx) => {
        const { kind, parts, createCompanies, options } = await lockUpload(tx, id);
        // The cast is safe: only `create.ts` writes the column.
        const { charset, mapping } = options as { charset: string | null; mapping: Mapping | null };
        const file = { kind, ...(charset === null ? {} : { charset }), ...(mapping === null ? {} : { mapping }) };
        return startUpload(tx, id, parts ?? 0, { options: file, createCompanies });
      });
      return toImport(row, 'queued');
    }),
});

view(uploadRoutes, {
  id: 'imports.downloadRejected',
  path: '/imports/{id}/rejected',
  tag,
  summary: 'Download the rejected rows of an import with their reasons',
  cost: { statements: 3 },
  description:
    'All cells of the rows as they were sent, also of rows that were imported without one of their fields. The column ' +
    '`Id` has the record that such a row has changed, so the mended file can be imported. The file is kept for 7 days.',
  access: 'crm:read',
  params: oneSchema,
  answer: z.string(),
  mediaType: 'text/csv',
  missing: 'import',
  async load({ id }, { tenant }, _day, c) {
    const where = { tenantId_id: { tenantId: tenant.tenant, id } };
    const row = await (await tenant.db()).import.findUnique({ where, select: { plan: true } });
    if (!row) return null;
    const header = rejectedHeader((row.plan as unknown as FilePlan | null) ?? { columns: [] });
    return c.body(streamed(c, rejectsOf(tenant, id, header)), 200, {
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': `attachment; filename="rejected-${id}.csv"`,
    });
  },
});

/** Yields the header and the rejected rows, and reads the rows of a chunk when the stream needs them. */
async function* rejectsOf({ tenant, db }: TenantScope, importId: string, header: string): AsyncGenerator<string> {
  yield header;
  const { importReject } = await db();
  for (let after = -1; ; ) {
    const where = { tenantId: tenant, importId, seq: { gt: after } };
    const next = await importReject.findFirst({ where, orderBy: { seq: 'asc' } });
    if (!next) return;
    yield next.text;
    after = next.seq;
  }
}

/**
 * Locks an import whose parts are awaited.
 * @throws {ProblemError} 404 if the import does not exist, 409 if it has begun or takes no parts.
 */
async function lockUpload(tx: Transaction, id: string) {
  if (!(await lockRow(tx.db, 'imports', tx.tenant, id))) throw notFound('import');
  const stored = await tx.db.import.findUniqueOrThrow({ where: { tenantId_id: { tenantId: tx.tenant, id } } });
  if (stored.status !== 'uploading') {
    throw new ProblemError(409, 'IMPORT_NOT_UPLOADING', `The import takes no parts, because it is ${stored.status}`);
  }
  return stored;
}
