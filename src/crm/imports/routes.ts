/** `/imports`: records from CSV files. */
import type { Context } from 'hono';
import { type AppEnv, createRouter, invalidField, type TenantScope } from '../../platform/http/index.ts';
import { command, oneSchema, pageWindow, toPage, view } from '../../platform/rest/index.ts';
import { transferFeed } from '../feeds.ts';
import { readingFile, toImport } from './answer.ts';
import { readBody } from './body.ts';
import { createImport, createUpload, measured } from './create.ts';
import { dryRun } from './dry-run.ts';
import { mappingOf, planWithMapping } from './mapping.ts';
import { type FileOptions, type ImportKind, importKinds } from './read/plan.ts';
import {
  importFileSchema,
  importPageQuerySchema,
  importPageSchema,
  importPlanSchema,
  importQuerySchema,
  importSchema,
} from './schema.ts';
import { importStatusOf } from './status.ts';

export const importRoutes = createRouter();

export const tag = 'Imports and exports';

/** The first lines of an example of each kind, and how a row finds its record. */
const files: Record<ImportKind, { example: string; matching: string }> = {
  contacts: {
    example: 'First name,Last name,E-Mail,Company\nAda,Lovelace,ada@example.com,Analytical Engines\n',
    matching: 'or else with its e-mail address, or else with the same name and telephone number',
  },
  companies: {
    example: 'Company,Website,Country\nAnalytical Engines,engines.example,GB\n',
    matching: 'or else with its domain, or else with its name',
  },
  deals: {
    example: 'Title,Company,Value,Stage,Owner\nAn engine,Analytical Engines,1200.00,proposal,ada@example.com\n',
    matching: 'or else with its title and company',
  },
};

const HALF_NAMES: Partial<Record<ImportKind, string>> = {
  contacts: ', and half a name does not replace a whole one',
};

for (const kind of importKinds) {
  const { example, matching } = files[kind];
  command(importRoutes, {
    id: kind === 'contacts' ? 'imports.create' : `imports.create${kind[0]?.toUpperCase()}${kind.slice(1)}`,
    path: `/imports/${kind}`,
    tag,
    summary: `Import ${kind} from a CSV file`,
    cost: { requests: 2, commands: 4, statements: 7, messages: 1 },
    description:
      'The file is stored and imported in the background; `Location` shows the progress. A row updates the record with ' +
      `its \`Id\`, ${matching}. Empty cells change nothing${HALF_NAMES[kind] ?? ''}. A field that cannot be read does ` +
      'not reject its row.',
    access: 'crm:write',
    search: importQuerySchema(kind),
    body: importFileSchema(kind, example),
    mediaType: 'text/csv',
    answer: importSchema,
    status: 202,
    location: ({ id }) => `/imports/${id}`,
    effect: 'The import',
    otherAnswers: {
      200: { description: 'The dry run', content: { 'application/json': { schema: importPlanSchema } } },
    },
    problems: [413],
    run: ({ search }, { tenant }, c) => create(c, tenant, kind, search as ImportQuery),
  });
}

/** The query parameters of an import of any kind. Imports of companies add none by their name. */
interface ImportQuery {
  createCompanies?: boolean;
  dryRun: boolean;
  parts?: number | undefined;
}

async function create(c: Context<AppEnv>, tenant: TenantScope, kind: ImportKind, search: ImportQuery) {
  const body = await readBody(c);
  const { charset } = body;
  const mapping = mappingOf({ ...search });
  const options: FileOptions = {
    kind,
    ...(charset === undefined ? {} : { charset }),
    ...(mapping === undefined ? {} : { mapping }),
  };
  const { createCompanies = true, parts } = search;
  if (parts !== undefined) {
    if (body.sent.length > 0) throw invalidField('body', 'must be empty, because its parts follow');
    if (search.dryRun) throw invalidField('dryRun', 'needs the beginning of the file, so `parts` must be left out');
    return toImport(await tenant.commit((tx) => createUpload(tx, { options, createCompanies }, parts)), 'uploading');
  }
  return readingFile(async () => {
    const { size, head } = await measured(body);
    if (search.dryRun) return c.json(await dryRun(tenant, c.var.scope.system, head, options, createCompanies), 200);
    const row = await tenant.commit(async (tx) => {
      const planned = await planWithMapping(tx, head, options);
      return createImport(tx, { options, createCompanies }, body, { size, planned });
    });
    return toImport(row, 'queued');
  });
}

view(importRoutes, {
  id: 'imports.list',
  path: '/imports',
  tag,
  summary: 'List imports, newest first',
  access: 'crm:read',
  search: importPageQuerySchema,
  answer: importPageSchema,
  async load({ limit, cursor }, { scope, tenant }) {
    const { take, orderBy, beforeCursor } = pageWindow({ limit, cursor });
    const where = { tenantId: tenant.tenant, ...beforeCursor };
    const rows = await (await tenant.db()).import.findMany({ where, take, orderBy });
    const statuses = new Map(
      // The lookups of one turn are one request to Redis.
      await Promise.all(rows.map(async (row) => [row.id, await importStatusOf(scope, tenant.tenant, row)] as const)),
    );
    return toPage(rows, limit, (row) => toImport(row, statuses.get(row.id) ?? row.status));
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
    return row && toImport(row, await importStatusOf(scope, tenant.tenant, row));
  },
});
