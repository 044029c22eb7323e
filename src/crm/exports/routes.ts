/** `/exports`: contacts, companies, deals and tasks as CSV files. */
import { z } from '@hono/zod-openapi';
import {
  createRouter,
  idSchema,
  momentSchema,
  ProblemError,
  pageQuerySchema,
  pageSchema,
  streamed,
  type TenantScope,
} from '../../platform/http/index.ts';
import { enqueue } from '../../platform/jobs/index.ts';
import { command, oneSchema, pageWindow, toPage, view } from '../../platform/rest/index.ts';
import { transferFeed } from '../feeds.ts';
import { askedValues } from '../fields/filter.ts';
import { partedFilter, withCustomFilters } from '../fields/schema.ts';
import { statusOf, transferStatuses } from '../transfer.ts';
import { exportJobs, MOST_EXPORTED } from './job.ts';
import { exportTables } from './tables.ts';

export const exportRoutes = createRouter();
const KEPT_MS = 7 * 86_400_000;

const exportSchema = z
  .object({
    id: idSchema,
    kind: z.enum(['contacts', 'companies', 'deals', 'tasks']),
    status: z.enum(transferStatuses),
    rows: z.int().openapi({ description: 'Rows written so far.' }),
    createdAt: momentSchema,
    finishedAt: momentSchema.nullable(),
    expiresAt: momentSchema,
  })
  .openapi('Export');

const exportPageSchema = pageSchema(exportSchema).openapi('ExportPage');
const tag = 'Imports and exports';

for (const table of Object.values(exportTables)) {
  const { kind, custom } = table;
  command(exportRoutes, {
    id: `exports.create${kind[0]?.toUpperCase()}${kind.slice(1)}`,
    path: `/exports/${kind}`,
    tag,
    summary: `Export ${kind} to a CSV file`,
    cost: { requests: 2, commands: 4, statements: 3, messages: 1 },
    description: `Takes the filters of the list. At most ${MOST_EXPORTED} rows. The file is kept for 7 days.`,
    access: 'crm:write',
    search: custom ? withCustomFilters(table.filter) : table.filter,
    answer: exportSchema,
    status: 202,
    location: ({ id }) => `/exports/${id}`,
    effect: 'The export',
    async run({ search }, { tenant }) {
      const { own, custom: given } = partedFilter(search);
      const row = await tenant.commit(async (tx) => {
        const asked = custom ? await askedValues(tx.db, tx.tenant, custom, given) : [];
        const filter = { ...own, ...(asked.length > 0 && { custom: asked }) };
        const id = tx.system.rowId('export');
        const now = tx.system.now();
        const times = { createdAt: new Date(now), expiresAt: new Date(now + KEPT_MS) };
        const added = await tx.db.export.create({ data: { tenantId: tx.tenant, id, kind, ...times, filter } });
        await enqueue(tx, exportJobs[kind].write, { exportId: id }, { id });
        await enqueue(tx, exportJobs[kind].forget, { exportId: id }, { id: `${id}-forget`, delay: KEPT_MS });
        return added;
      });
      return toExport(row, 'queued');
    },
  });
}

view(exportRoutes, {
  id: 'exports.list',
  path: '/exports',
  tag,
  summary: 'List exports, newest first',
  description: 'Exports are listed as long as their files are kept, for 7 days.',
  access: 'crm:read',
  search: pageQuerySchema,
  answer: exportPageSchema,
  async load({ limit, cursor }, { scope, tenant }) {
    const { take, orderBy, beforeCursor } = pageWindow({ limit, cursor });
    const where = { tenantId: tenant.tenant, ...beforeCursor };
    const rows = await (await tenant.db()).export.findMany({ where, take, orderBy });
    // The lookups of one turn are one request to Redis.
    const statuses = await Promise.all(rows.map((row) => statusOf(scope, tenant.tenant, row)));
    const statusById = new Map(rows.map(({ id }, index) => [id, statuses[index]]));
    return toPage(rows, limit, (row) => toExport(row, statusById.get(row.id) ?? row.status));
  },
});

const one = { tag, access: 'crm:read', params: oneSchema, missing: 'export' } as const;

view(exportRoutes, {
  ...one,
  id: 'exports.get',
  path: '/exports/{id}',
  summary: 'Get an export with its progress',
  answer: exportSchema,
  live: ({ id }) => `${transferFeed.name}:${id}`,
  async load({ id }, { scope, tenant }) {
    const row = await find(tenant, id);
    return row && toExport(row, await statusOf(scope, tenant.tenant, row));
  },
});

view(exportRoutes, {
  ...one,
  id: 'exports.download',
  path: '/exports/{id}/file',
  summary: 'Download the file of a finished export',
  cost: { statements: 3 },
  answer: z.string(),
  mediaType: 'text/csv',
  problems: [409],
  audited: { action: 'export.downloaded', entity: 'export' },
  async load({ id }, { tenant }, _day, c) {
    const row = await find(tenant, id);
    if (!row) return null;
    if (row.status !== 'done') throw new ProblemError(409, 'NOT_DONE', 'The export is not done yet');
    return c.body(streamed(c, partsOf(tenant, id)), 200, {
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': `attachment; filename="${row.kind}-${id}.csv"`,
      // A finished file never changes, so its ETag needs no hash of the content.
      etag: `"${id}"`,
    });
  },
});

/** Yields a file's parts, and reads each part when the stream needs it. A missing part is an error, not the end. */
async function* partsOf({ tenant, db }: TenantScope, exportId: string): AsyncGenerator<string> {
  const { exportChunk } = await db();
  const count = await exportChunk.count({ where: { tenantId: tenant, exportId } });
  for (let seq = 0; seq < count; seq += 1) {
    const where = { tenantId_exportId_seq: { tenantId: tenant, exportId, seq } };
    yield (await exportChunk.findUniqueOrThrow({ where, select: { text: true } })).text;
  }
}

async function find({ tenant, db }: TenantScope, id: string) {
  return (await db()).export.findUnique({ where: { tenantId_id: { tenantId: tenant, id } } });
}

type ExportRow = NonNullable<Awaited<ReturnType<typeof find>>>;

function toExport(
  { id, kind, rows, createdAt, finishedAt, expiresAt }: ExportRow,
  status: (typeof transferStatuses)[number],
): z.infer<typeof exportSchema> {
  return {
    id,
    kind,
    status,
    rows,
    createdAt: createdAt.toISOString(),
    finishedAt: finishedAt?.toISOString() ?? null,
    expiresAt: expiresAt.toISOString(),
  };
}
