/** `/imports`: contacts from a CSV file. */
import { createRouter, ProblemError } from '../../platform/http/index.ts';
import { enqueue } from '../../platform/jobs/index.ts';
import { CsvError, command, oneSchema, view } from '../../platform/rest/index.ts';
import { transferFeed } from '../feeds.ts';
import { statusOf } from '../transfer.ts';
import { type Column, type ContactFile, readContactFile } from './file.ts';
import { forgetImport, importContacts } from './job.ts';
import type { Rejection } from './rows.ts';
import { type ImportAnswer, importFileSchema, importQuerySchema, importSchema } from './schema.ts';

export const importRoutes = createRouter();

const tag = 'Imports and exports';

command(importRoutes, {
  id: 'imports.create',
  path: '/imports/contacts',
  tag,
  summary: 'Import contacts from a CSV file',
  description:
    'The file is stored and imported in the background; `Location` shows the progress. A row with the e-mail ' +
    'address of a contact updates that contact. Empty cells change nothing.',
  access: 'crm:write',
  search: importQuerySchema,
  body: importFileSchema,
  mediaType: 'text/csv',
  answer: importSchema,
  status: 202,
  location: ({ id }) => `/imports/${id}`,
  effect: 'The import',
  problems: [413],
  async run({ search }, { tenant }, c) {
    const file = read(new Uint8Array(await c.req.arrayBuffer()));
    const row = await tenant.commit(async (tx) => {
      const id = tx.system.rowId('import');
      const added = await tx.db.import.create({
        data: {
          tenantId: tx.tenant,
          id,
          actorId: tx.actorId,
          fields: file.columns.map((column) => ({ ...column })),
          rows: file.rows,
          createCompanies: search.createCompanies === 'true',
          createdAt: new Date(tx.system.now()),
        },
      });
      const chunks = file.chunks.map((rows, seq) => ({ tenantId: tx.tenant, importId: id, seq, rows }));
      await tx.db.importChunk.createMany({ data: chunks });
      await enqueue(tx, importContacts, { importId: id }, { id });
      await enqueue(tx, forgetImport, { importId: id }, { id: `${id}-forget`, delay: '7d' });
      return added;
    });
    return toImport(row, 'queued');
  },
});

view(importRoutes, {
  id: 'imports.get',
  path: '/imports/{id}',
  tag,
  summary: 'Get an import with its progress',
  access: 'crm:read',
  params: oneSchema,
  answer: importSchema,
  live: ({ id }) => `${transferFeed.name}:${id}`,
  missing: 'import',
  async load({ id }, { scope, tenant }) {
    const where = { tenantId_id: { tenantId: tenant.tenant, id } };
    const row = await (await tenant.db()).import.findUnique({ where });
    return row && toImport(row, await statusOf(scope, tenant.tenant, row));
  },
});

function read(bytes: Uint8Array): ContactFile {
  try {
    return readContactFile(bytes);
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new ProblemError(400, error.code, error.message, { fields: [{ field: 'body', message: error.message }] });
  }
}

/** A row of the table `imports`. Its JSON columns contain only JSON that this folder wrote. */
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
