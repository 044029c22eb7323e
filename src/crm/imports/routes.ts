/** `/imports`: contacts from a CSV file. */
import { createRoute } from '@hono/zod-openapi';
import { createRouter, guarded, json, notFound, ProblemError, problems } from '../../platform/http/index.ts';
import { enqueue } from '../../platform/jobs/index.ts';
import { CsvError } from '../csv.ts';
import { statusOf } from '../transfer.ts';
import { oneSchema } from '../view.ts';
import { type Column, type ContactFile, readContactFile } from './file.ts';
import { forgetImport, importContacts } from './job.ts';
import type { Rejection } from './rows.ts';
import { type ImportAnswer, importFileSchema, importQuerySchema, importSchema } from './schema.ts';

export const importRoutes = createRouter();
const tags = ['Imports and exports'];

const start = createRoute(
  guarded(
    { access: 'crm:write' },
    {
      method: 'post',
      path: '/imports/contacts',
      tags,
      summary: 'Import contacts from a CSV file',
      description:
        'The file is stored and imported in the background; `Location` shows the progress. A row with the e-mail ' +
        'address of a contact updates that contact. Empty cells change nothing.',
      request: {
        query: importQuerySchema,
        body: { required: true, content: { 'text/csv': { schema: importFileSchema } } },
      },
      responses: { 202: json(importSchema, 'The import'), ...problems(400, 409, 413, 415) },
    },
  ),
);
importRoutes.openapi(start, async (c) => {
  const { scope, tenant } = c.var;
  if (!/^text\/csv\b/i.test(c.req.header('content-type') ?? '')) {
    throw new ProblemError(415, 'UNSUPPORTED_MEDIA_TYPE', 'Send the file as text/csv');
  }
  const file = read(new Uint8Array(await c.req.arrayBuffer()));
  const row = await tenant.commit(async (tx) => {
    const id = scope.system.rowId('import');
    const key = { tenantId: tenant.tenant, id };
    const made = await tx.db.import.create({
      data: {
        ...key,
        actorId: tenant.actorId,
        fields: file.columns.map((each) => ({ ...each })),
        rows: file.rows,
        createCompanies: c.req.valid('query').createCompanies === 'true',
        createdAt: new Date(scope.system.now()),
      },
    });
    const chunks = file.chunks.map((rows, seq) => ({ tenantId: tenant.tenant, importId: id, seq, rows }));
    await tx.db.importChunk.createMany({ data: chunks });
    await enqueue(tx, importContacts, { importId: id }, { id });
    await enqueue(tx, forgetImport, { importId: id }, { id: `${id}-forget`, delay: '7d' });
    return made;
  });
  return c.json(toImport(row, 'queued'), 202, { location: `/imports/${row.id}` });
});

const look = createRoute(
  guarded(
    { access: 'crm:read' },
    {
      method: 'get',
      path: '/imports/{id}',
      tags,
      summary: 'Get an import with its progress',
      request: { params: oneSchema },
      responses: { 200: json(importSchema, 'The import'), ...problems(400, 404) },
    },
  ),
);
importRoutes.openapi(look, async (c) => {
  const { id } = c.req.valid('param');
  const { tenant } = c.var;
  const where = { tenantId_id: { tenantId: tenant.tenant, id } };
  const row = await (await tenant.db()).import.findUnique({ where });
  if (!row) throw notFound('import');
  return c.json(toImport(row, await statusOf(c.var.scope, tenant.tenant, row)), 200);
});

function read(bytes: Uint8Array): ContactFile {
  try {
    return readContactFile(bytes);
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new ProblemError(400, error.code, error.message, { fields: [{ field: 'body', message: error.message }] });
  }
}

/** A row of the table, with the JSON that this folder wrote. */
interface ImportRow
  extends Omit<ImportAnswer, 'status' | 'columns' | 'done' | 'rejections' | 'createdAt' | 'finishedAt'> {
  fields: unknown;
  rejections: unknown;
  createdAt: Date;
  finishedAt: Date | null;
}

function toImport(row: ImportRow, status: ImportAnswer['status']): ImportAnswer {
  const { id, rows, imported, updated, unchanged, rejected, companiesCreated } = row;
  return {
    id,
    status,
    columns: row.fields as Column[],
    rows,
    done: imported + updated + unchanged + rejected,
    imported,
    updated,
    unchanged,
    rejected,
    companiesCreated,
    rejections: row.rejections as Rejection[],
    createdAt: row.createdAt.toISOString(),
    finishedAt: row.finishedAt?.toISOString() ?? null,
  };
}
