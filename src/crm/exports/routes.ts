/** `/exports`: contacts as a CSV file. */
import { createRoute, z } from '@hono/zod-openapi';
import {
  createRouter,
  guarded,
  idSchema,
  json,
  momentSchema,
  notFound,
  ProblemError,
  problems,
  streamed,
  type TenantScope,
} from '../../platform/http/index.ts';
import { enqueue } from '../../platform/jobs/index.ts';
import { contactFilterSchema } from '../contacts/schema.ts';
import { statusOf, transferStatuses } from '../transfer.ts';
import { oneSchema } from '../view.ts';
import { exportContacts, forgetExport, MOST_EXPORTED } from './job.ts';

export const exportRoutes = createRouter();
const tags = ['Imports and exports'];
const KEPT_MS = 7 * 86_400_000;

const exportSchema = z
  .object({
    id: idSchema,
    status: z.enum(transferStatuses),
    rows: z.int().openapi({ description: 'Rows written so far.' }),
    createdAt: momentSchema,
    finishedAt: momentSchema.nullable(),
    expiresAt: momentSchema,
  })
  .openapi('Export');

const start = createRoute(
  guarded(
    { access: 'crm:write' },
    {
      method: 'post',
      path: '/exports/contacts',
      tags,
      summary: 'Export contacts to a CSV file',
      description: `Takes the filters of the list. At most ${MOST_EXPORTED} contacts. The file is kept for 7 days.`,
      request: { query: contactFilterSchema },
      responses: { 202: json(exportSchema, 'The export'), ...problems(400, 409) },
    },
  ),
);
exportRoutes.openapi(start, async (c) => {
  const { scope, tenant } = c.var;
  const row = await tenant.commit(async (tx) => {
    const id = scope.system.rowId('export');
    const now = scope.system.now();
    const key = { tenantId: tenant.tenant, id };
    const times = { createdAt: new Date(now), expiresAt: new Date(now + KEPT_MS) };
    const made = await tx.db.export.create({ data: { ...key, ...times, filter: c.req.valid('query') } });
    await enqueue(tx, exportContacts, { exportId: id }, { id });
    await enqueue(tx, forgetExport, { exportId: id }, { id: `${id}-forget`, delay: KEPT_MS });
    return made;
  });
  return c.json(toExport(row, 'queued'), 202, { location: `/exports/${row.id}` });
});

const look = createRoute(
  guarded(
    { access: 'crm:read' },
    {
      method: 'get',
      path: '/exports/{id}',
      tags,
      summary: 'Get an export with its progress',
      request: { params: oneSchema },
      responses: { 200: json(exportSchema, 'The export'), ...problems(400, 404) },
    },
  ),
);
exportRoutes.openapi(look, async (c) => {
  const row = await find(c.var.tenant, c.req.valid('param').id);
  return c.json(toExport(row, await statusOf(c.var.scope, c.var.tenant.tenant, row)), 200);
});

const download = createRoute(
  guarded(
    { access: 'crm:read' },
    {
      method: 'get',
      path: '/exports/{id}/file',
      tags,
      summary: 'Download the file of a finished export',
      request: { params: oneSchema },
      responses: {
        200: { description: 'The file', content: { 'text/csv': { schema: z.string() } } },
        ...problems(400, 404, 409),
      },
    },
  ),
);
exportRoutes.openapi(download, async (c) => {
  const { tenant } = c.var;
  const { id, status } = await find(tenant, c.req.valid('param').id);
  if (status !== 'done') throw new ProblemError(409, 'NOT_DONE', 'The export is not done yet');
  return c.body(streamed(c, partsOf(tenant, id)), 200, {
    'content-type': 'text/csv; charset=utf-8',
    'content-disposition': `attachment; filename="contacts-${id}.csv"`,
    // A finished file never changes, so its ETag needs no hash of the content.
    etag: `"${id}"`,
  });
});

/** The parts of a file, each read when the stream needs it. A missing part is an error, not the end of the file. */
async function* partsOf({ tenant, db }: TenantScope, exportId: string): AsyncGenerator<string> {
  const { exportChunk } = await db();
  const count = await exportChunk.count({ where: { tenantId: tenant, exportId } });
  for (let seq = 0; seq < count; seq += 1) {
    const where = { tenantId_exportId_seq: { tenantId: tenant, exportId, seq } };
    yield (await exportChunk.findUniqueOrThrow({ where, select: { text: true } })).text;
  }
}

async function find({ tenant, db }: TenantScope, id: string) {
  const row = await (await db()).export.findUnique({ where: { tenantId_id: { tenantId: tenant, id } } });
  if (!row) throw notFound('export');
  return row;
}

function toExport(
  { id, rows, createdAt, finishedAt, expiresAt }: Awaited<ReturnType<typeof find>>,
  status: (typeof transferStatuses)[number],
): z.infer<typeof exportSchema> {
  return {
    id,
    status,
    rows,
    createdAt: createdAt.toISOString(),
    finishedAt: finishedAt?.toISOString() ?? null,
    expiresAt: expiresAt.toISOString(),
  };
}
